-- What is to be sent or fetched is part of the trace of the request that caused it, on whichever
-- node it is done: the traceparent of W3C Trace Context, null for what is not recorded.
alter table sends add column traceparent text;
alter table fetches add column traceparent text;
