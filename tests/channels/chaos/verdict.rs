//! What must hold of one conversation when everything is over.

use std::collections::HashMap;

use serde_json::Value;

/// What the agent wrote, as it was acknowledged.
#[derive(Debug, Clone)]
pub struct Posted {
    pub text: String,
    /// The size of its file, if it has one: no two files of a phone have the same.
    pub file: Option<u64>,
}

/// A conversation from all sides.
pub struct Case {
    pub phone: String,
    /// What the customer wrote, in order.
    pub said: Vec<String>,
    /// What the agent was told is posted, in order.
    pub posted: Vec<Posted>,
    /// The conversation's messages, as the team sees them.
    pub told: Vec<Value>,
    /// What the customer sees.
    pub thread: Vec<Value>,
}

/// A message of the agent's as it came to the phone: which one, and whether as its file alone.
type Arrival = (usize, bool);

impl Case {
    pub fn check(&self) {
        self.what_was_said_is_here_once();
        self.what_was_posted_is_here_once_and_in_order();
        let arrived = self.arrived();
        self.nothing_came_twice_or_out_of_order(&arrived);
        for (n, posted) in self.posted.iter().enumerate() {
            self.its_state_is_the_truth(n, posted, &arrived);
        }
    }

    fn texts(&self, author: &str) -> Vec<&str> {
        let of = self
            .told
            .iter()
            .filter(|message| message["kind"] == "public" && message["author"]["kind"] == author);
        of.map(|message| message["text"].as_str().unwrap()).collect()
    }

    fn what_was_said_is_here_once(&self) {
        let mut here = self.texts("visitor");
        let mut said: Vec<&str> = self.said.iter().map(String::as_str).collect();
        here.sort_unstable();
        said.sort_unstable();
        assert_eq!(here, said, "{}: what the customer wrote", self.phone);
    }

    fn what_was_posted_is_here_once_and_in_order(&self) {
        let posted: Vec<&str> = self.posted.iter().map(|posted| posted.text.as_str()).collect();
        assert_eq!(self.texts("agent"), posted, "{}: what the agent wrote", self.phone);
        let elsewhere = self.texts("elsewhere");
        assert!(elsewhere.is_empty(), "{}: {elsewhere:?} is not from elsewhere", self.phone);
    }

    /// What came to the phone, in order.
    fn arrived(&self) -> Vec<Arrival> {
        let ours = self.thread.iter().filter(|message| message["from"] == "business");
        ours.map(|message| {
            let text = message["text"].as_str().filter(|text| !text.is_empty());
            let size = message["media"][0]["size"].as_u64();
            let found = self.posted.iter().position(|posted| match text {
                Some(text) => posted.text == text,
                None => size.is_some() && posted.file == size,
            });
            let n = found.unwrap_or_else(|| panic!("{}: who sent {message}?", self.phone));
            (n, text.is_none())
        })
        .collect()
    }

    fn nothing_came_twice_or_out_of_order(&self, arrived: &[Arrival]) {
        let mut times: HashMap<Arrival, u32> = HashMap::new();
        for arrival in arrived {
            *times.entry(*arrival).or_default() += 1;
        }
        let twice: Vec<_> = times.iter().filter(|(_, times)| **times > 1).collect();
        assert!(twice.is_empty(), "{}: {twice:?} came twice", self.phone);
        assert!(arrived.is_sorted_by_key(|(n, _)| n), "{}: order {arrived:?}", self.phone);
    }

    fn its_state_is_the_truth(&self, n: usize, posted: &Posted, arrived: &[Arrival]) {
        let told = self.told.iter().find(|message| message["ref"] == *posted.text).unwrap();
        let state = told["delivery"]["state"].as_str().unwrap_or_default();
        let came = arrived.contains(&(n, false));
        let file_came = self.file_came(n, posted, arrived);
        let whole = came && file_came;
        let truthful = match state {
            "sent" | "delivered" | "read" => whole,
            // Nobody knows.
            "uncertain" => true,
            "failed" => !whole,
            _ => false,
        };
        let name = format!("{}: {:?}", self.phone, posted.text);
        assert!(truthful, "{name} is {state}, came {came}, file {file_came}: {told:#}");
    }

    /// A file comes under its text, or by itself.
    fn file_came(&self, n: usize, posted: &Posted, arrived: &[Arrival]) -> bool {
        let with_text = self.thread.iter().any(|message| {
            message["text"] == *posted.text && message["media"][0]["size"].as_u64() == posted.file
        });
        posted.file.is_none() || with_text || arrived.contains(&(n, true))
    }
}
