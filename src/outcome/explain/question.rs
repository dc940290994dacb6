//! What to explain: a device and an occurrence of a send, by their names. Resolves the names, or suggests others.

use crate::rules::base::ids::{DeviceIx, SendIx, UserIx};
use crate::rules::model::world::World;
use crate::scenario::{nearest, shown};

/// Devices of one user that an error lists.
const DEVICES_LISTED_MAX: usize = 8;

/// A device and an occurrence of a send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question {
    /// The device.
    pub device: DeviceIx,
    /// The send.
    pub send: SendIx,
    /// The occurrence, from 0.
    pub occurrence: u32,
}

/// Why there is no explanation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QuestionError {
    /// No device has this name.
    #[error("no device is called `{name}`{remedy}")]
    NoDevice {
        /// The requested name.
        name: String,
        /// The nearest name, or the existing names.
        remedy: String,
    },
    /// No send has this name.
    #[error("no send is called `{name}`{remedy}")]
    NoSend {
        /// The requested name.
        name: String,
        /// The nearest name, or the existing names.
        remedy: String,
    },
    /// The text after the name of a send is not a number.
    #[error("`{text}` is no occurrence of send `{send}`: expected a number from 0, as in `{send}/0`")]
    NoNumber {
        /// The send.
        send: String,
        /// The requested number.
        text: String,
    },
    /// The send has fewer occurrences.
    #[error("send `{send}` has no occurrence {occurrence}: {}", occurrences(send, *count))]
    NoOccurrence {
        /// The send.
        send: String,
        /// The requested occurrence.
        occurrence: u32,
        /// The number of occurrences.
        count: usize,
    },
}

impl Question {
    /// The question about a device and `SEND` or `SEND/OCCURRENCE`.
    ///
    /// # Errors
    /// [`QuestionError`] if there is no such device or message.
    pub fn new(world: &World, device: &str, message: &str) -> Result<Self, QuestionError> {
        let device = world.fleet.find_device(device).ok_or_else(|| no_device(world, device))?;
        let (send, occurrence) = message_of(world, message)?;
        Ok(Self { device, send, occurrence })
    }
}

fn message_of(world: &World, message: &str) -> Result<(SendIx, u32), QuestionError> {
    let find = |name: &str| world.sends.iter().position(|send| send.name == name);
    // A name may itself contain a slash: the whole is tried first.
    let (at, number) = match (find(message), message.rsplit_once('/')) {
        (Some(at), _) => (at, None),
        (None, Some((name, number))) => (find(name).ok_or_else(|| no_send(world, name))?, Some(number)),
        (None, None) => return Err(no_send(world, message)),
    };
    let send = &world.sends[at];
    let occurrence = match number {
        None => 0,
        Some(text) => {
            text.parse::<u32>().map_err(|_| QuestionError::NoNumber { send: send.name.clone(), text: shown(text) })?
        }
    };
    if occurrence as usize >= send.times.len() {
        return Err(QuestionError::NoOccurrence { send: send.name.clone(), occurrence, count: send.times.len() });
    }
    Ok((SendIx(u32::try_from(at).expect("sends are fewer than devices")), occurrence))
}

fn no_send(world: &World, name: &str) -> QuestionError {
    let names = || world.sends.iter().map(|send| send.name.as_str());
    let remedy = match nearest(name, names()) {
        Some(near) => format!(": did you mean `{near}`?"),
        None => match names().next() {
            Some(first) => format!(": `check --plan` lists the sends, the first is `{first}`"),
            None => ": the scenario sends nothing".to_owned(),
        },
    };
    QuestionError::NoSend { name: shown(name), remedy }
}

fn no_device(world: &World, name: &str) -> QuestionError {
    let fleet = &world.fleet;
    let user = fleet.find_user(name).or_else(|| fleet.find_user(name.rsplit_once('.')?.0));
    let remedy = match user {
        Some(user) => format!(": {}", devices_of(world, user)),
        None => nearest_device(world, name),
    };
    QuestionError::NoDevice { name: shown(name), remedy }
}

fn devices_of(world: &World, user: UserIx) -> String {
    let mut names = Vec::new();
    world.fleet.devices_of(user, |device| names.push(format!("`{}`", world.fleet.device_name(device))));
    let user = world.fleet.user_name(user);
    let more = if names.len() > DEVICES_LISTED_MAX { " …" } else { "" };
    names.truncate(DEVICES_LISTED_MAX);
    match names.as_slice() {
        [] => format!("user `{user}` has no device"),
        [one] => format!("user `{user}` has one device, {one}"),
        several => format!("user `{user}` has the devices {}{more}", several.join(", ")),
    }
}

fn nearest_device(world: &World, name: &str) -> String {
    let (fleet, generated) = (&world.fleet, world.fleet.generated_devices());
    let named: Vec<String> = (generated..fleet.devices()).map(|device| fleet.device_name(DeviceIx(device))).collect();
    if let Some(near) = nearest(name, named.iter().map(String::as_str)).filter(|_| !name.starts_with("user-")) {
        return format!(": did you mean `{near}`?");
    }
    match (generated, named.first()) {
        (0, None) => ": the fleet has no device".to_owned(),
        (0, Some(first)) => format!(": the first device is `{first}`"),
        (last, _) => {
            let [first, last] = [0, last - 1].map(|device| fleet.device_name(DeviceIx(device)));
            format!(
                ": generated devices go from `{first}` to `{last}`, others have the names that the scenario gives them"
            )
        }
    }
}

fn occurrences(send: &str, count: usize) -> String {
    match count {
        0 => "it never happens before the end".to_owned(),
        1 => format!("it happens once, `{send}/0`"),
        count => format!("it happens {count} times, from `{send}/0` to `{send}/{}`", count - 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outcome::fixture::usual;

    fn said(device: &str, message: &str) -> String {
        Question::new(&usual("").world, device, message).expect_err("there is no such thing").to_string()
    }

    #[test]
    fn says_which_name_was_meant() {
        assert_eq!(said("ada-fone", "closure"), "no device is called `ada-fone`: did you mean `ada-phone`?");
        assert_eq!(said("ada-phone", "closur"), "no send is called `closur`: did you mean `closure`?");
        assert_eq!(said("ada-phone", "closur/1"), "no send is called `closur`: did you mean `closure`?");
    }

    #[test]
    fn says_how_many_occurrences_there_are() {
        assert_eq!(said("ada-phone", "closure/7"), "send `closure` has no occurrence 7: it happens once, `closure/0`");
        let wrong = "`first` is no occurrence of send `closure`: expected a number from 0, as in `closure/0`";
        assert_eq!(said("ada-phone", "closure/first"), wrong);
    }

    #[test]
    fn finds_an_existing_device_and_send() {
        let world = usual("").world;
        let question = Question::new(&world, "ada-phone", "closure/0").expect("both are there");
        assert_eq!(Ok(question), Question::new(&world, "ada-phone", "closure"));
        assert_eq!((question.send, question.occurrence), (SendIx(0), 0));
        assert_eq!(world.fleet.device_name(question.device), "ada-phone");
    }
}
