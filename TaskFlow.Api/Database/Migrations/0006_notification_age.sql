-- Finds the notifications that were read long enough ago; their ids are in the order of time. It is not large yet, so writers wait but a moment.
set local lock_timeout = '3s';

create index notifications_read on notifications (id) where is_read;
