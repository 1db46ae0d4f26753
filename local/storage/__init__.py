"""Azure Storage answered within the process: the app's requests as they are, without a socket and a second process.

`tests/storage_in_process/test_as_azurite.py` holds its answers against Azurite's.
"""
