-- An import writes tens of thousands of events, and each check of these keys read and locked the same row of its organisation and its
-- user (25,000 events: 0.55 s, now 0.3). They come from the scope, which exists, and neither is ever deleted. Like the rows of files.
alter table events
  drop constraint events_tenant_id_fkey,
  drop constraint events_user_id_fkey;
