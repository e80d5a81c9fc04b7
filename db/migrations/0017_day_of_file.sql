-- Where the day of an import comes from: said by a person, read in the file's name or in the file, or the day it came. Null before this.
-- `worker` is the server that is, or was last, at work on it, by the name of its connections.
alter table imports
  add as_of_from text check (as_of_from in ('said', 'name', 'file', 'today')),
  add as_of_proof text,
  add worker text;
