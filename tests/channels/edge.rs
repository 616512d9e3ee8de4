//! Administering channels over HTTP: accounts, signing in, dead letters, merges, deletion.

mod accounts;
mod consent;
mod deletion;
mod embedded_signup;
mod merges;
mod sign_in;
