//! Several nodes on one database: what happens at one is seen at the others, and no node that is
//! killed, frozen or cut off takes anything with it.

mod accounts;
mod events;
mod guarded;
mod logins;
mod redis_away;
mod together;
mod traces;
