//! The pages for people, checked against the program.

pub(crate) mod generated_pages;
pub(crate) mod glossary;
pub(crate) mod readme;
pub(crate) mod tutorial;
