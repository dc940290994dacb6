//! Risk: a name or a text that a person can choose becomes mark-up of the console, or spoils a page for others.

use std::collections::BTreeSet;

use super::visitor::{Visitor, hidden};
use crate::control::hand::TOKEN;

/// Names and texts as an attacker would choose them.
const HOSTILE: [&str; 6] = [
    "</title></style><script>alert(1)</script><!--",
    "\" onmouseover=\"alert(1)\" x='",
    "' autofocus onfocus='alert(1)",
    "&lt;b&gt; &amp;amp; ]]> {{x}}",
    "javascript:alert(1)//%22%3E",
    "\u{202E}gnp.exe \u{200F}\u{2066}",
];

/// A tenant in which each name is this one, with a number where names differ.
fn tenant(name: &str) -> String {
    let text = |number: u32| serde_json::to_string(&format!("{name}{number}")).expect("a text is JSON");
    format!(
        "schema = 1\nname = {}\nduration = \"4h\"\n\
         [[user]]\nname = {}\n[[user]]\nname = {}\n\
         [[device]]\nname = {}\nuser = {}\nplatform = \"ios\"\nlabels = {{ x = {} }}\n\
         [[device]]\nname = {}\nuser = {}\nplatform = \"android\"\npush_permission = false\n\
         [[group]]\nname = {}\nusers = [{}]\n[[group]]\nname = {}\ngroups = [{}]\n\
         [[account]]\nname = {}\nrole = \"Tenant administrator\"\n\
         [[fault]]\nname = {}\nkind = \"loss\"\nrate = 0.5\nat = \"1h\"\nmay_touch_nothing = true\n",
        text(0),
        text(1),
        text(2),
        text(3),
        text(1),
        text(9),
        text(4),
        text(2),
        text(5),
        text(1),
        text(6),
        text(5),
        text(7),
        text(8)
    )
}

/// The tags of a page and their attributes, as a browser reads them, without any value and without the words between.
fn skeleton(page: &str) -> BTreeSet<String> {
    let (mut found, mut rest) = (BTreeSet::new(), page);
    while let Some((_, tag)) = rest.split_once('<') {
        // A value is in double quotes, and has neither these nor a tag's end of its own.
        let (mut outside, mut quoted, mut end) = (String::new(), false, tag.len());
        for (at, c) in tag.char_indices() {
            match c {
                '"' => quoted = !quoted,
                '>' if !quoted => {
                    end = at;
                    break;
                }
                c if !quoted => outside.push(c),
                _ => {}
            }
        }
        found.extend(outside.split_whitespace().map(|word| word.trim_end_matches('=').to_owned()));
        rest = &tag[end..];
    }
    found
}

/// All pages of a tenant in which a message was sent, a fault begun and a form filled in by this name.
fn pages(test: &str, name: &str) -> Vec<(String, String)> {
    let visitor = Visitor::with(test, &tenant(name), &["--control-token", TOKEN], TOKEN);
    let devices = visitor.get("/devices").is(200).text;
    let device: Vec<String> = devices
        .split("/devices/")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .filter(|id| id.len() == 36)
        .map(str::to_owned)
        .collect();
    let group = visitor.get("/send").is(200);
    assert!(!group.text.is_empty());
    let (title, body) = (name.chars().take(20).collect::<String>(), name.to_owned());
    let text = [("title", title.as_str()), ("body", body.as_str())];
    let assignments = visitor.post("/send/assignments", &text).is(200).text;
    let groups: Vec<&str> =
        assignments.split("name=\"add\" value=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(groups.len(), 3, "{assignments}");
    let with = [&text[..], &[("group", groups[1]), ("group", groups[2])]].concat();
    let chosen = visitor.post("/send/assignments", &with).is(200).text;
    let review = visitor.post("/send/review", &with).is(200).text;
    visitor.post("/send/create", &[&with[..], &[("key", hidden(&review, "key"))]].concat()).is(303);
    visitor.hand.advance("10s");
    let wrong = visitor
        .post("/faults", &[("kind", "loss"), ("name", name), ("rate", name), ("scope.cohort", name)])
        .is(400)
        .text;
    let long = visitor.post("/send/assignments", &[("title", &name.repeat(3)), ("body", "")]).is(422).text;
    let search = super::visitor::form(&[("q", name)]);
    let mut found: Vec<(String, String)> = [
        ("assignments", assignments.clone()),
        ("chosen", chosen),
        ("review", review),
        ("wrong", wrong),
        ("long", long),
    ]
    .map(|(page, text)| (page.to_owned(), text))
    .into();
    let mut add = |page: String| {
        let text = visitor.get(&page).is(200).text;
        found.push((page, text));
    };
    for page in ["/", "/send", "/messages", "/messages/0", "/devices", "/faults", "/scenario"] {
        add(page.to_owned());
    }
    add(format!("/devices?{search}"));
    add(format!("/messages/0/phones?{}", super::visitor::form(&[("station", "lost"), ("cause", name)])));
    for id in &device {
        for page in ["", "/send", "/phone", "/why/0"] {
            add(format!("/devices/{id}{page}"));
        }
    }
    found
}

#[test]
fn no_name_is_mark_up_on_any_page() {
    let calm = pages("console_calm", "calm");
    // Pages differ in what chance and words bring to them: all that any calm page has is usual.
    let usual: BTreeSet<String> = calm.iter().flat_map(|(_, text)| skeleton(text)).collect();
    for (number, hostile) in HOSTILE.into_iter().enumerate() {
        let found = pages(&format!("console_hostile_{number}"), hostile);
        assert_eq!(found.len(), calm.len());
        for ((page, text), (_, calm)) in found.iter().zip(&calm) {
            // What is found may differ with the words, but no name adds a tag or an attribute.
            let known = &skeleton(calm) | &usual;
            let new: Vec<String> = skeleton(text).difference(&known).cloned().collect();
            assert!(new.is_empty(), "{hostile} on {page}: {new:?}");
            assert!(!text.contains("<script>") && !text.contains("href=\"javascript:"), "{hostile} on {page}");
            // A mark that turns the direction is written out, but for the field in which it was written.
            let shown = text.replace("\u{202E}", "").len() == text.len()
                || text.contains("value=\"")
                || text.contains("<textarea");
            assert!(shown, "{hostile} on {page}");
        }
    }
}

#[test]
fn a_name_of_ten_thousand_characters_spoils_no_page() {
    let long = "wide ".repeat(2_000);
    let visitor = Visitor::start("console_long");
    let text = [("title", long.as_str()), ("body", long.as_str())];
    let wrong = visitor.post("/send/assignments", &text).is(422).text;
    assert!(wrong.contains("more than 50 characters") && wrong.contains("more than 500 characters"));
    for page in ["/devices", "/messages/0/phones"] {
        let query = super::visitor::form(&[("q", &long), ("cause", &long)]);
        let reply = visitor.get(&format!("{page}?{query}"));
        assert!([200, 404].contains(&reply.status), "{page}: {}", reply.status);
        assert!(reply.text.len() < 60_000, "{page}: {} bytes", reply.text.len());
    }
    let refused = visitor.post("/faults", &[("kind", "loss"), ("name", &long), ("rate", "0.5")]);
    assert!([303, 400].contains(&refused.status), "{}", refused.text);
    assert!(visitor.get("/faults").is(200).text.len() < 100_000);
    assert!(visitor.get("/").is(200).text.len() < 100_000);
}
