BEGIN TRANSACTION;
CREATE TABLE history (
  instance INTEGER NOT NULL, position INTEGER NOT NULL, kind INTEGER NOT NULL, event_id INTEGER, closes INTEGER,
  leaf TEXT, input TEXT, text TEXT NOT NULL, PRIMARY KEY (instance, position)) WITHOUT ROWID;
INSERT INTO "history" VALUES(1,0,12,NULL,NULL,NULL,NULL,'{"EventType":12,"EventId":-1,"IsPlayed":false,"Timestamp":"2026-01-01T00:00:00.000000Z"}');
INSERT INTO "history" VALUES(1,1,0,NULL,NULL,NULL,NULL,'{"EventType":0,"EventId":-1,"IsPlayed":false,"Timestamp":"2026-01-01T00:00:00.000000Z","Name":"flow","Input":"null","Version":null}');
INSERT INTO "history" VALUES(1,2,4,0,NULL,'0','"before"','{"EventType":4,"EventId":0,"IsPlayed":false,"Timestamp":"2026-01-01T00:00:00.000000Z","Name":"echo"}');
INSERT INTO "history" VALUES(1,3,13,NULL,NULL,NULL,NULL,'{"EventType":13,"EventId":-1,"IsPlayed":false,"Timestamp":"2026-01-01T00:00:00.000000Z"}');
INSERT INTO "history" VALUES(1,4,12,NULL,NULL,NULL,NULL,'{"EventType":12,"EventId":-1,"IsPlayed":false,"Timestamp":"2026-01-01T00:00:00.000000Z"}');
INSERT INTO "history" VALUES(1,5,5,NULL,0,NULL,NULL,'{"EventType":5,"EventId":-1,"IsPlayed":false,"Timestamp":"2026-01-01T00:00:00.000000Z","TaskScheduledId":0,"Result":"\"before\""}');
INSERT INTO "history" VALUES(1,6,13,NULL,NULL,NULL,NULL,'{"EventType":13,"EventId":-1,"IsPlayed":false,"Timestamp":"2026-01-01T00:00:00.000000Z"}');
INSERT INTO "history" VALUES(2,0,12,NULL,NULL,NULL,NULL,'{"EventType":12,"EventId":-1,"IsPlayed":false,"Timestamp":"2026-01-01T00:00:00.000000Z"}');
INSERT INTO "history" VALUES(2,1,0,NULL,NULL,NULL,NULL,'{"EventType":0,"EventId":-1,"IsPlayed":false,"Timestamp":"2026-01-01T00:00:00.000000Z","Name":"flow","Input":"null","Version":null}');
INSERT INTO "history" VALUES(2,2,4,0,NULL,'0','"before"','{"EventType":4,"EventId":0,"IsPlayed":false,"Timestamp":"2026-01-01T00:00:00.000000Z","Name":"echo"}');
INSERT INTO "history" VALUES(2,3,13,NULL,NULL,NULL,NULL,'{"EventType":13,"EventId":-1,"IsPlayed":false,"Timestamp":"2026-01-01T00:00:00.000000Z"}');
INSERT INTO "history" VALUES(2,4,12,NULL,NULL,NULL,NULL,'{"EventType":12,"EventId":-1,"IsPlayed":false,"Timestamp":"2026-01-01T00:00:00.000000Z"}');
INSERT INTO "history" VALUES(2,5,5,NULL,0,NULL,NULL,'{"EventType":5,"EventId":-1,"IsPlayed":false,"Timestamp":"2026-01-01T00:00:00.000000Z","TaskScheduledId":0,"Result":"\"before\""}');
INSERT INTO "history" VALUES(2,6,13,NULL,NULL,NULL,NULL,'{"EventType":13,"EventId":-1,"IsPlayed":false,"Timestamp":"2026-01-01T00:00:00.000000Z"}');
INSERT INTO "history" VALUES(3,0,12,NULL,NULL,NULL,NULL,'{"EventType":12,"EventId":-1,"IsPlayed":false,"Timestamp":"2026-01-01T00:00:00.000000Z"}');
INSERT INTO "history" VALUES(3,1,0,NULL,NULL,NULL,NULL,'{"EventType":0,"EventId":-1,"IsPlayed":false,"Timestamp":"2026-01-01T00:00:00.000000Z","Name":"parent","Input":"null","Version":null}');
INSERT INTO "history" VALUES(3,2,7,0,NULL,'0.0','null','{"EventType":7,"EventId":0,"IsPlayed":false,"Timestamp":"2026-01-01T00:00:00.000000Z","Name":"flow","InstanceId":"child"}');
INSERT INTO "history" VALUES(3,3,10,1,NULL,'0.1',NULL,'{"EventType":10,"EventId":1,"IsPlayed":false,"Timestamp":"2026-01-01T00:00:00.000000Z","FireAt":"2026-01-01T01:00:00.000000Z"}');
INSERT INTO "history" VALUES(3,4,13,NULL,NULL,NULL,NULL,'{"EventType":13,"EventId":-1,"IsPlayed":false,"Timestamp":"2026-01-01T00:00:00.000000Z"}');
INSERT INTO "history" VALUES(4,0,12,NULL,NULL,NULL,NULL,'{"EventType":12,"EventId":-1,"IsPlayed":false,"Timestamp":"2026-01-01T00:00:00.000000Z"}');
INSERT INTO "history" VALUES(4,1,0,NULL,NULL,NULL,NULL,'{"EventType":0,"EventId":-1,"IsPlayed":false,"Timestamp":"2026-01-01T00:00:00.000000Z","Name":"retried","Input":"null","Version":null}');
INSERT INTO "history" VALUES(4,2,4,0,NULL,'0.0','"x"','{"EventType":4,"EventId":0,"IsPlayed":false,"Timestamp":"2026-01-01T00:00:00.000000Z","Name":"breaks"}');
INSERT INTO "history" VALUES(4,3,13,NULL,NULL,NULL,NULL,'{"EventType":13,"EventId":-1,"IsPlayed":false,"Timestamp":"2026-01-01T00:00:00.000000Z"}');
INSERT INTO "history" VALUES(4,4,12,NULL,NULL,NULL,NULL,'{"EventType":12,"EventId":-1,"IsPlayed":false,"Timestamp":"2026-01-01T00:00:00.000000Z"}');
INSERT INTO "history" VALUES(4,5,6,NULL,0,NULL,NULL,'{"EventType":6,"EventId":-1,"IsPlayed":false,"Timestamp":"2026-01-01T00:00:00.000000Z","TaskScheduledId":0,"Reason":"Activity function ''breaks'' failed:  ValueError: no","Details":"Traceback (most recent call last):\n  File \"/srv/local/host/durable/pool.py\", line 85, in _work\n    message = _completed(job, cast(\"str\", activity.run(job.input)))\n                                          ^^^^^^^^^^^^^^^^^^^^^^^\n  File \"/srv/app.py\", line 27, in breaks\n    def breaks(text): raise ValueError(\"no\")\n                      ^^^^^^^^^^^^^^^^^^^^^^\nValueError: no\n"}');
INSERT INTO "history" VALUES(4,6,10,1,NULL,'0.0',NULL,'{"EventType":10,"EventId":1,"IsPlayed":false,"Timestamp":"2026-01-01T00:00:00.000000Z","FireAt":"2026-01-01T01:00:00.000000Z"}');
INSERT INTO "history" VALUES(4,7,13,NULL,NULL,NULL,NULL,'{"EventType":13,"EventId":-1,"IsPlayed":false,"Timestamp":"2026-01-01T00:00:00.000000Z"}');
INSERT INTO "history" VALUES(5,0,12,NULL,NULL,NULL,NULL,'{"EventType":12,"EventId":-1,"IsPlayed":false,"Timestamp":"2026-01-01T00:00:00.000000Z"}');
INSERT INTO "history" VALUES(5,1,0,NULL,NULL,NULL,NULL,'{"EventType":0,"EventId":-1,"IsPlayed":false,"Timestamp":"2026-01-01T00:00:00.000000Z","Name":"flow","Input":"\"null\"","Version":null}');
INSERT INTO "history" VALUES(5,2,4,0,NULL,'0','"before"','{"EventType":4,"EventId":0,"IsPlayed":false,"Timestamp":"2026-01-01T00:00:00.000000Z","Name":"echo"}');
INSERT INTO "history" VALUES(5,3,13,NULL,NULL,NULL,NULL,'{"EventType":13,"EventId":-1,"IsPlayed":false,"Timestamp":"2026-01-01T00:00:00.000000Z"}');
INSERT INTO "history" VALUES(5,4,12,NULL,NULL,NULL,NULL,'{"EventType":12,"EventId":-1,"IsPlayed":false,"Timestamp":"2026-01-01T00:00:00.000000Z"}');
INSERT INTO "history" VALUES(5,5,5,NULL,0,NULL,NULL,'{"EventType":5,"EventId":-1,"IsPlayed":false,"Timestamp":"2026-01-01T00:00:00.000000Z","TaskScheduledId":0,"Result":"\"before\""}');
INSERT INTO "history" VALUES(5,6,13,NULL,NULL,NULL,NULL,'{"EventType":13,"EventId":-1,"IsPlayed":false,"Timestamp":"2026-01-01T00:00:00.000000Z"}');
CREATE TABLE inbox (row INTEGER PRIMARY KEY AUTOINCREMENT, instance TEXT NOT NULL, body TEXT NOT NULL);
INSERT INTO "inbox" VALUES(1,'suspended','[19, null, null, "held", null, null, null]');
INSERT INTO "inbox" VALUES(2,'suspended','[15, null, "go", "\"while suspended\"", null, null, null]');
CREATE TABLE instances (
  seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, version TEXT,
  execution TEXT NOT NULL, status TEXT NOT NULL, created TEXT NOT NULL, updated TEXT NOT NULL,
  input TEXT, output TEXT, custom TEXT, parent_id TEXT, parent_execution TEXT, parent_task INTEGER, walk TEXT);
INSERT INTO "instances" VALUES(1,'waits','flow',NULL,'def1e574f40246c783bbe66d4cc3a6bc','Running','2026-01-01T00:00:00.000000Z','2026-01-01T00:00:00.000000Z','null',NULL,NULL,NULL,NULL,NULL,'[2,1,false,{},{},{"go":["1"]},{},null,[],null]');
INSERT INTO "instances" VALUES(2,'suspended','flow',NULL,'9a4b22208a274b418301695997f26b28','Suspended','2026-01-01T00:00:00.000000Z','2026-01-01T00:00:00.000000Z','null',NULL,NULL,NULL,NULL,NULL,'[2,1,false,{},{},{"go":["1"]},{},null,[],null]');
INSERT INTO "instances" VALUES(3,'parent','parent',NULL,'a75c0a60f66a4544bd77d74fec00f2c8','Running','2026-01-01T00:00:00.000000Z','2026-01-01T00:00:00.000000Z','null',NULL,NULL,NULL,NULL,NULL,'[1,2,false,{"0":["0.0",2,1,null],"1":["0.1",5,1,"2026-01-01T01:00:00.000000Z"]},{"0":1},{},{},null,[],null]');
INSERT INTO "instances" VALUES(4,'retried','retried',NULL,'1ba076ea98a54896b27aae90e3603c41','Running','2026-01-01T00:00:00.000000Z','2026-01-01T00:00:00.000000Z','null',NULL,NULL,NULL,NULL,NULL,'[1,2,false,{"1":["0.0",-1,1,"2026-01-01T01:00:00.000000Z"]},{"0":1},{},{},null,[],null]');
INSERT INTO "instances" VALUES(5,'child','flow',NULL,'f78bbc7e8e6541a9bedd9d2f1f2aa5f6','Running','2026-01-01T00:00:00.000000Z','2026-01-01T00:00:00.000000Z','"null"',NULL,NULL,'parent','a75c0a60f66a4544bd77d74fec00f2c8',0,'[2,1,false,{},{},{"go":["1"]},{},null,[],null]');
CREATE TABLE marks (
  instance INTEGER NOT NULL, position INTEGER NOT NULL, text TEXT NOT NULL,
  PRIMARY KEY (instance, position)) WITHOUT ROWID;
INSERT INTO "marks" VALUES(1,0,'activity ''echo''');
INSERT INTO "marks" VALUES(1,1,'wait for event ''go''');
INSERT INTO "marks" VALUES(2,0,'activity ''echo''');
INSERT INTO "marks" VALUES(2,1,'wait for event ''go''');
INSERT INTO "marks" VALUES(3,0,'task_any(sub-orchestration ''flow'', timer)');
INSERT INTO "marks" VALUES(4,0,'task_all(activity with retry ''breaks'')');
INSERT INTO "marks" VALUES(5,0,'activity ''echo''');
INSERT INTO "marks" VALUES(5,1,'wait for event ''go''');
CREATE UNIQUE INDEX completions ON history (instance, closes) WHERE closes IS NOT NULL;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('instances',5);
INSERT INTO "sqlite_sequence" VALUES('inbox',2);
COMMIT;
