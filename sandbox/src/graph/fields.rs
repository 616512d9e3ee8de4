//! Reading a JSON object strictly: known members, right types, right lengths.

use serde_json::{Map, Value};

use super::error::GraphError;

/// An object of a request, and how it is called in errors.
pub struct Fields<'a> {
    pub name: String,
    map: &'a Map<String, Value>,
}

impl<'a> Fields<'a> {
    /// Refuses what is no object and members that are not among those allowed.
    pub fn of(value: &'a Value, name: &str, allowed: &[&str]) -> Result<Fields<'a>, GraphError> {
        let Some(map) = value.as_object() else {
            return Err(GraphError::invalid(format!("Param {name} must be a JSON object")));
        };
        if let Some(unknown) = map.keys().find(|key| !allowed.contains(&key.as_str())) {
            let message = format!("Invalid parameter: unexpected key \"{unknown}\" on {name}");
            return Err(GraphError::invalid(message.clone()).details(message));
        }
        Ok(Fields { name: name.to_owned(), map })
    }

    pub fn has(&self, member: &str) -> bool {
        self.get(member).is_some()
    }

    /// A member that is there and not null.
    pub fn get(&self, member: &str) -> Option<&'a Value> {
        self.map.get(member).filter(|value| !value.is_null())
    }

    pub fn need(&self, member: &str) -> Result<&'a Value, GraphError> {
        self.get(member).ok_or_else(|| self.missing(member))
    }

    pub fn missing(&self, member: &str) -> GraphError {
        let message = format!("The parameter {} is required", self.path(member));
        GraphError::invalid(message.clone()).details(message)
    }

    pub fn wrong(&self, member: &str, what: &str) -> GraphError {
        let message = format!("Param {} {what}", self.path(member));
        GraphError::invalid(message.clone()).details(message)
    }

    fn path(&self, member: &str) -> String {
        if self.name.is_empty() { member.to_owned() } else { format!("{}['{member}']", self.name) }
    }

    pub fn text(&self, member: &str) -> Result<Option<&'a str>, GraphError> {
        match self.get(member) {
            None => Ok(None),
            Some(value) => {
                value.as_str().map(Some).ok_or_else(|| self.wrong(member, "must be a string"))
            }
        }
    }

    /// Text that is there, is not blank, and has at most so many characters.
    pub fn need_text(&self, member: &str, chars_max: usize) -> Result<&'a str, GraphError> {
        let text = self.text(member)?.ok_or_else(|| self.missing(member))?;
        if text.trim().is_empty() {
            return Err(self.wrong(member, "must not be empty"));
        }
        self.fits(member, text, chars_max)
    }

    pub fn text_up_to(
        &self,
        member: &str,
        chars_max: usize,
    ) -> Result<Option<&'a str>, GraphError> {
        self.text(member)?.map(|text| self.fits(member, text, chars_max)).transpose()
    }

    fn fits(&self, member: &str, text: &'a str, chars_max: usize) -> Result<&'a str, GraphError> {
        if text.chars().count() > chars_max {
            let what = format!("must be at most {chars_max} characters long");
            return Err(self.wrong(member, &what));
        }
        Ok(text)
    }

    pub fn boolean(&self, member: &str) -> Result<Option<bool>, GraphError> {
        match self.get(member) {
            None => Ok(None),
            Some(value) => {
                value.as_bool().map(Some).ok_or_else(|| self.wrong(member, "must be a boolean"))
            }
        }
    }

    /// A list of `min` to `max` elements.
    pub fn list(&self, member: &str, min: usize, max: usize) -> Result<&'a Vec<Value>, GraphError> {
        let list = self.need(member)?.as_array();
        let list = list.ok_or_else(|| self.wrong(member, "must be an array"))?;
        if (min..=max).contains(&list.len()) {
            Ok(list)
        } else {
            Err(self.wrong(member, &format!("must have {min} to {max} elements")))
        }
    }

    pub fn object(&self, member: &str, allowed: &[&str]) -> Result<Fields<'a>, GraphError> {
        Fields::of(self.need(member)?, &self.path(member), allowed)
    }

    pub fn one_of(&self, member: &str, values: &[&str]) -> Result<Option<&'a str>, GraphError> {
        match self.text(member)? {
            Some(value) if !values.contains(&value) => {
                Err(self.wrong(member, &format!("must be one of {}", values.join(", "))))
            }
            value => Ok(value),
        }
    }
}
