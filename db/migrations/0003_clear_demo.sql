-- Empties the demo organisation. The app role may not delete from append-only tables, so this runs as the owner, and
-- refuses any organisation that is not the demo. Tables of later modules are found by their tenant_id.
create function clear_demo(demo bigint, keep_user bigint) returns void
language plpgsql security definer set search_path = pg_catalog, public as $$
declare
  kept constant text[] := array['roles', 'memberships', 'membership_roles'];
  pending text[];
  blocked text[];
  name text;
  person bigint;
begin
  perform 1 from tenants t where t.id = demo and t.is_demo for update;
  if not found then
    raise exception 'organisation % is not the demo', demo;
  end if;
  if demo <> current_setting('app.tenant_id')::bigint then
    raise exception 'organisation % is not the one that is open', demo;
  end if;
  update memberships m set region_id = null, department_id = null where m.tenant_id = demo;

  -- Whatever others still refer to waits for the next round.
  select array_agg(c.relname::text) into pending
    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
   where a.attname = 'tenant_id' and not a.attisdropped and c.relkind in ('r', 'p') and n.nspname = 'public'
     and not c.relname = any (kept);
  while cardinality(pending) > 0 loop
    blocked := '{}';
    foreach name in array pending loop
      begin
        execute format('delete from public.%I where tenant_id = $1', name) using demo;
      exception when foreign_key_violation then
        blocked := blocked || name;
      end;
    end loop;
    if cardinality(blocked) = cardinality(pending) then
      raise exception 'tables refer to each other in a circle: %', blocked;
    end if;
    pending := blocked;
  end loop;

  -- The other people of the demo exist for it alone.
  update sessions s set ended_at = now(), ended_because = 'demo cleared'
   where s.ended_at is null and s.current_tenant_id = demo and s.user_id <> keep_user;
  for person in
    select u.id from users u join memberships m on m.user_id = u.id
     where m.tenant_id = demo and u.id <> keep_user and u.email like '%@demo.duebook.example'
  loop
    -- Seen through their own eyes: somebody who has joined another organisation meanwhile stays.
    perform set_config('app.user_id', person::text, true);
    if not exists (select from memberships x where x.user_id = person and x.tenant_id <> demo) then
      update users u set username = 'deleted-' || u.id, email = 'deleted-' || u.id || '@deleted.invalid', phone_number = null,
                         is_active = false, deleted_at = now()
       where u.id = person;
    end if;
  end loop;
  perform set_config('app.user_id', keep_user::text, true);
  delete from memberships m where m.tenant_id = demo and m.user_id <> keep_user;
  update tenants t set is_demo = false, was_demo = true, version = version + 1, updated_at = now() where t.id = demo;
end $$;

revoke all on function clear_demo(bigint, bigint) from public;
grant execute on function clear_demo(bigint, bigint) to duebook_app;
