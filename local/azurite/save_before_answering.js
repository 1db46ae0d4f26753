// Loaded before Azurite where its data is to outlive a killed process (`node --require`).
//
// Azurite 3.35 keeps what it holds in Loki databases, and writes these to disk every five seconds: a process that is killed
// forgets what it has answered for. Here no change is answered before the databases are on disk; changes that come meanwhile
// share the next write.
"use strict";

const http = require("http");
const Loki = require("lokijs");

const databases = new Set();

// One that has a file is loaded, a new one gets its collections.
for (const begins of ["loadDatabase", "addCollection"]) {
  const original = Loki.prototype[begins];
  Loki.prototype[begins] = function (...given) {
    databases.add(this);
    return original.apply(this, given);
  };
}

const isUnsaved = (database) => database.autosaveDirty() || database.throttledSavePending;

const end = http.ServerResponse.prototype.end;
http.ServerResponse.prototype.end = function (...given) {
  const unsaved = ["GET", "HEAD"].includes(this.req.method) ? [] : [...databases].filter(isUnsaved);
  if (unsaved.length === 0) return end.apply(this, given);
  const saved = unsaved.map((database) => new Promise((done) => database.saveDatabase(done)));
  Promise.all(saved).then(() => end.apply(this, given));
  return this;
};
