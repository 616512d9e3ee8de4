//! A sandbox of its own, for development.

fn main() {}
