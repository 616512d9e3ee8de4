//! Strict stand-ins for the platforms, with a page of pretend phones: for the demo, for
//! development and for tests.
