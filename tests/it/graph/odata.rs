//! Risk: a `$filter` is misread, or an error does not name its position.

mod generated;

use std::cmp::Ordering;

use generated::{DIRECTORY, FIELDS, Thing, filter, schema, thing};
use proptest::prelude::*;
use reveille::server::odata::{
    Asking, Consistency, Direction, Field, Filter, Mistake, Operator, Order, PageSize, Quantifier, Query, Strictness,
    TextTest, Value, value_of,
};

const SIZE: PageSize = PageSize { default: 100, max: 999 };

/// What a condition is evaluated on: an entity, or an entry of a list.
type Asked<'a> = &'a dyn Fn(&'static Field) -> Value;

/// A second implementation of filters: values become words that compare as they should, and conditions become lists of
/// results.
fn naive(filter: &Filter, things: &[Asked<'_>]) -> Vec<bool> {
    let each = |ask: &dyn Fn(Asked<'_>) -> bool| things.iter().map(|thing| ask(*thing)).collect::<Vec<bool>>();
    let fold = |terms: &[Filter], start: bool, join: &dyn Fn(bool, bool) -> bool| {
        terms.iter().fold(vec![start; things.len()], |sum, term| {
            sum.into_iter().zip(naive(term, things)).map(|(a, b)| join(a, b)).collect()
        })
    };
    match filter {
        Filter::All(terms) => fold(terms, true, &|a, b| a & b),
        Filter::Any(terms) => fold(terms, false, &|a, b| a | b),
        Filter::Not(term) => naive(term, things).into_iter().map(|holds| !holds).collect(),
        Filter::In { field, values } => each(&|thing| values.iter().any(|value| word(&thing(field)) == word(value))),
        Filter::Test { test, field, needle } => each(&|thing| {
            let needle = needle.to_lowercase();
            word(&thing(field)).is_some_and(|text| match test {
                TextTest::StartsWith => text.get(..needle.len()) == Some(&needle),
                TextTest::EndsWith => text.len() >= needle.len() && text.as_bytes().ends_with(needle.as_bytes()),
                TextTest::Contains => text.split(&needle).count() > 1 || needle.is_empty(),
            })
        }),
        Filter::Compare { field, operator, value } => each(&|thing| {
            let (mine, theirs) = (word(&thing(field)), word(value));
            let order = mine.as_ref().zip(theirs.as_ref()).map(|(mine, theirs)| mine.cmp(theirs));
            match operator {
                Operator::Eq => mine == theirs,
                Operator::Ne => mine != theirs,
                Operator::Lt => order == Some(Ordering::Less),
                Operator::Gt => order == Some(Ordering::Greater),
                Operator::Le => order == Some(Ordering::Less) || order == Some(Ordering::Equal),
                Operator::Ge => order == Some(Ordering::Greater) || order == Some(Ordering::Equal),
            }
        }),
        Filter::Lambda { quantifier, field, condition } => each(&|thing| {
            let entries = if let Value::List(entries) = thing(field) { entries } else { Vec::new() };
            let fitting = entries.iter().filter(|entry| {
                let ask = |member: &'static Field| match entry {
                    Value::Record(members) => {
                        let found = members.iter().find(|(name, _)| *name == member.name);
                        found.map_or(Value::Null, |(_, value)| value.clone())
                    }
                    other => (*other).clone(),
                };
                condition.as_ref().is_none_or(|condition| naive(condition, &[&ask])[0])
            });
            match quantifier {
                Quantifier::Any => fitting.count() > 0,
                Quantifier::All => fitting.count() == entries.len(),
            }
        }),
    }
}

/// A value as a word with the same equality and order; `None` for null.
fn word(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Text(text) => Some(text.to_lowercase()),
        Value::Choice(word) => Some((*word).to_owned()),
        Value::Moment(moment) => Some(format!("{:020}", moment.as_millisecond())),
        Value::Flag(flag) => Some(flag.to_string()),
        Value::Whole(number) => Some(format!("{:020}", i128::from(*number) - i128::from(i64::MIN))),
        Value::List(_) | Value::Record(_) => panic!("no condition compares {value:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_filter_that_is_printed_reads_as_the_same_tree(filter in filter()) {
        let text = filter.to_string();
        prop_assert_eq!(Filter::parse(&text, schema()), Ok(filter), "{}", text);
    }

    #[test]
    fn a_filter_selects_what_a_naive_reading_selects(filter in filter(), things in prop::collection::vec(thing(), 1..8)) {
        let found: Vec<bool> = things.iter().map(|thing| filter.holds(thing)).collect();
        let asked: Vec<_> = things.iter().map(|thing| move |field: &'static Field| value_of(thing, field)).collect();
        let asked: Vec<Asked<'_>> = asked.iter().map(|ask| ask as Asked<'_>).collect();
        prop_assert_eq!(found, naive(&filter, &asked), "{}", filter);
    }

    #[test]
    fn what_the_directory_answers_plainly_it_answers_as_an_advanced_query(
        filter in filter(),
        order in prop::option::of(prop::sample::select(vec!["deviceName", "model", "state"])),
    ) {
        let text = filter.to_string();
        let mut options = vec![("$filter", text.as_str())];
        options.extend(order.map(|name| ("$orderby", name)));
        let read = |more: &[(&'static str, &'static str)], asking| {
            let options = options.iter().copied().chain(more.iter().copied());
            Query::read(options, &DIRECTORY, SIZE, asking).map_err(|fault| fault.mistake)
        };
        let eventual = Asking { consistency: Consistency::Eventual, ..Asking::default() };
        let lenient = Asking { strictness: Strictness::Lenient, ..Asking::default() };
        let (plain, advanced) = (read(&[], Asking::default()), read(&[("$count", "true")], eventual));
        prop_assert!(read(&[], lenient).is_ok(), "{}", text);
        prop_assert!(plain.is_err() || advanced.is_ok(), "{}: {:?}", text, advanced);
        prop_assert_eq!(read(&[("$count", "true")], Asking::default()).is_ok(), plain.is_ok());
        prop_assert!(read(&[], eventual).is_ok() == plain.is_ok(), "the header alone opens no filter: {}", text);
        for refused in [plain.err(), advanced.err()].into_iter().flatten() {
            prop_assert_eq!(refused, Mistake::Query, "{}", text);
        }
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "[a-zA-Z0-9 ()',:éN-]{0,80}|(tags/any\\(|x:|x eq |'a'|\\)| or |licenses/all\\(y:y/sku ){0,12}") {
        if let Err(fault) = Filter::parse(&text, schema()) {
            let place = fault.place.expect("short texts are wrong at a place");
            prop_assert!(place.at <= text.chars().count(), "{} in {:?}", place.at, text);
            prop_assert!(!fault.what.is_empty());
        }
    }
}

#[test]
fn what_people_write_is_understood() {
    for (written, meant) in [
        ("deviceName eq 'x'", "deviceName eq 'x'"),
        ("  DEVICENAME   EQ 'x'  ", "deviceName eq 'x'"),
        ("deviceName eq 'o''hara'", "deviceName eq 'o''hara'"),
        ("(deviceName eq 'x')", "deviceName eq 'x'"),
        ("state eq 'MANAGED' or enabled ne true", "state eq 'managed' or enabled ne true"),
        ("enrolled ge 2026-01-05", "enrolled ge 2026-01-05T00:00:00Z"),
        ("enrolled lt 2026-01-05T06:00:00+01:00", "enrolled lt 2026-01-05T05:00:00Z"),
        ("not startswith(model,'a')", "not startswith(model, 'a')"),
        ("startswith(model,'a') eq false", "not startswith(model, 'a')"),
        ("contains(model , 'a') eq true", "contains(model, 'a')"),
        ("not(model eq 'a' or model eq 'b')", "not (model eq 'a' or model eq 'b')"),
        ("model eq 'a' or model eq 'b' and enabled eq true", "model eq 'a' or model eq 'b' and enabled eq true"),
        ("(model eq 'a' or model eq 'b') and enabled eq true", "(model eq 'a' or model eq 'b') and enabled eq true"),
        ("deviceName in ('a', 'b')", "deviceName in ('a', 'b')"),
        ("model eq null", "model eq null"),
        ("storage ge 64000000000", "storage ge 64000000000"),
        ("state eq microsoft.graph.thingState'managed'", "state eq 'managed'"),
        ("tags/any(t:t eq 'x')", "tags/any(x:x eq 'x')"),
        ("tags/any (t: startsWith(t, 'x')) eq false", "not tags/any(x:startswith(x, 'x'))"),
        ("TAGS/ANY()", "tags/any()"),
        ("tags/$count eq 0", "tags/$count eq 0"),
        (
            "licenses/any(l:l/sku eq 00000000-0000-0000-0000-000000000001)",
            "licenses/any(x:x/sku eq '00000000-0000-0000-0000-000000000001')",
        ),
        ("licenses/all(l:l/plan eq 'a' or l/seats gt 3)", "licenses/all(x:x/plan eq 'a' or x/seats gt 3)"),
        ("dates/bought lt 2026-01-05", "dates/bought lt 2026-01-05T00:00:00Z"),
    ] {
        let filter = Filter::parse(written, schema()).unwrap_or_else(|fault| panic!("{written}: {fault}"));
        assert_eq!(filter.to_string(), meant);
    }
}

#[test]
fn and_binds_tighter_than_or() {
    let filter = Filter::parse("model eq 'a' or model eq 'b' and enabled eq true", schema()).expect("it is right");
    assert!(
        matches!(&filter, Filter::Any(terms) if terms.len() == 2 && matches!(terms[1], Filter::All(_))),
        "{filter:?}"
    );
}

#[test]
fn what_is_wrong_is_told_with_its_position() {
    for (text, at, said) in [
        ("", 0, "expected a property"),
        ("deviceName", 10, "expected eq, ne"),
        ("deviceName eq", 13, "expected a value"),
        ("deviceName eq x", 14, "Could not find a property named 'x' on type 'microsoft.graph.thing'."),
        ("deviceName eq 'x", 14, "does not end"),
        ("deviceName eq 'x' and", 21, "expected a property"),
        ("deviceName eq 'x' foo", 18, "expected `and`, `or` or the end"),
        ("(deviceName eq 'x'", 18, "expected `and`, `or` or `)`"),
        ("deviceName eq 'x')", 17, "expected `and`, `or` or the end"),
        ("é eq 'x'", 0, "expected a property"),
        ("serial eq 'x'", 0, "Could not find a property named 'serial' on type 'microsoft.graph.thing'."),
        ("deviceName eq 'é' or serial eq 'x'", 21, "Could not find a property named 'serial'"),
        ("length(deviceName) eq 3", 0, "no function `length`"),
        ("startswith(enrolled,'x')", 11, "is no text"),
        ("startswith(deviceName 'x')", 22, "expected `,`"),
        ("startswith(deviceName,x)", 22, "expected a text in quotes"),
        ("state eq 'lost'", 9, "The string 'lost' is not a valid enumeration type constant."),
        ("state gt 'managed'", 6, "eq and ne only"),
        ("enrolled ge yesterday", 12, "Could not find a property named 'yesterday'"),
        (
            "enrolled ge '2026-01-05T06:00:00Z'",
            12,
            "Found operand types 'Edm.DateTimeOffset' and 'Edm.String' for operator kind 'GreaterThanOrEqual'.",
        ),
        ("deviceName eq true", 14, "Found operand types 'Edm.String' and 'Edm.Boolean' for operator kind 'Equal'."),
        ("deviceName ne 7", 14, "'Edm.String' and 'Edm.Int32' for operator kind 'NotEqual'."),
        ("deviceName eq 00000000-0000-0000-0000-000000000001", 14, "'Edm.String' and 'Edm.Guid'"),
        ("storage eq '7'", 11, "'Edm.Int64' and 'Edm.String'"),
        ("tags eq 'x'", 5, "'Collection(Edm.String)'"),
        ("tags/any(t:u eq 'x')", 11, "Could not find a property named 'u' on type 'Edm.String'."),
        ("tags/any(t:t eq 'x'", 19, "expected `and`, `or` or `)`"),
        ("tags/any(t t eq 'x')", 11, "expected `:`"),
        ("tags/all()", 10, "`all` has a condition"),
        ("model/any(m:m eq 'x')", 0, "is no list"),
        ("licenses/any(l:l/color eq 'x')", 15, "named 'l/color' on type 'microsoft.graph.license'."),
        ("licenses/any(l:tags/any(t:t eq 'x'))", 15, "do not stand inside one another"),
        ("enabled eq 'true'", 11, "'Edm.Boolean' and 'Edm.String'"),
        ("deviceName in ()", 15, "expected a value"),
        ("deviceName in ('a'", 18, "expected `,` or `)`"),
    ] {
        let fault = Filter::parse(text, schema()).expect_err(text);
        let place = fault.place.clone().unwrap_or_else(|| panic!("{text}: no place in {fault}"));
        assert_eq!(place.at, at, "{text}: {fault}");
        assert!(fault.what.contains(said), "{text}: {fault}");
    }
    let fault = Filter::parse("deviceName eq", schema()).expect_err("it breaks off");
    assert_eq!(fault.to_string(), "Invalid filter clause: expected a value at position 13 in 'deviceName eq'.");
}

#[test]
fn filters_past_a_limit_are_refused_with_a_message() {
    let deep = format!("{}model eq 'a'{}", "(".repeat(1_000), ")".repeat(1_000));
    let nots = format!("{}model eq 'a'", "not ".repeat(1_000));
    let wide = vec!["model eq 'a'"; 500].join(" or ");
    let many = format!("model in ('{}')", vec!["a"; 500].join("','"));
    let long = format!("model eq '{}'", "a".repeat(100_000));
    for (text, said) in [(deep, "deep"), (nots, "deep"), (wide, "conditions"), (many, "conditions"), (long, "bytes")] {
        let fault = Filter::parse(&text, schema()).expect_err(said);
        assert!(fault.what.contains(said) && fault.to_string().len() < 400, "{fault}");
    }
}

fn query(options: &[(&str, &str)]) -> Result<Query, String> {
    Query::read(options.iter().copied(), schema(), SIZE, Asking::default()).map_err(|fault| fault.to_string())
}

#[test]
fn options_are_read_together() {
    let read =
        query(&[("$top", "5"), ("select", "model, deviceName"), ("$COUNT", "true"), ("api", "x")]).expect("right");
    assert_eq!((read.top, read.count, read.skip), (5, true, None));
    assert!(read.wants(&FIELDS[0]) && read.wants(&FIELDS[1]) && !read.wants(&FIELDS[2]));
    assert_eq!(query(&[]).expect("an empty query is valid").top, 100);
    for (option, value, said) in [
        ("$top", "0", "1 to 999"),
        ("$top", "1000", "1 to 999"),
        ("$top", "many", "1 to 999"),
        (
            "$select",
            "model,serial",
            "Parsing OData Select and Expand failed: Could not find a property named 'serial' on type 'microsoft.graph.thing'.",
        ),
        ("$orderby", "serial", "Could not find a property named 'serial' on type 'microsoft.graph.thing'."),
        ("$orderby", "tags", "`tags` has no order"),
        ("$orderby", "model upwards", "expected `asc` or `desc`"),
        ("$count", "perhaps", "`true` or `false`"),
        ("$search", "\"x\"", "not supported"),
        ("$expand", "users", "Could not find a property named 'users'"),
        ("$expand", "model", "`model` is no link"),
        ("$skip", "ten", "whole number"),
        ("$wat", "1", "no option `$wat`"),
        ("$skiptoken", "AAAA", "does not belong to this question"),
    ] {
        let fault = query(&[(option, value)]).expect_err(option);
        assert!(fault.contains(said), "{option}: {fault}");
    }
    assert!(query(&[("$top", "5"), ("top", "6")]).expect_err("twice").contains("given twice"));
}

#[test]
fn a_token_is_good_for_its_question_only() {
    let first = query(&[("$filter", "model eq 'a'")]).expect("it is right");
    let token = reveille::server::odata::SkipToken(7).render(&first.question);
    let second =
        query(&[("$filter", "model  eq  'a'"), ("$skiptoken", &token), ("$top", "3")]).expect("the same question");
    assert_eq!(second.skip, Some(reveille::server::odata::SkipToken(7)));
    assert!(query(&[("$filter", "model eq 'b'"), ("$skiptoken", &token)]).is_err());
}

#[test]
fn nothing_comes_first_and_equal_things_stay_as_they_are() {
    let order = Order::parse("model desc, deviceName", schema()).expect("it is right");
    assert_eq!(order.0[0].1, Direction::Descending);
    let nothing = || Value::Null;
    let of = |name: &str, model: Value| {
        Thing([Value::text(name), model, nothing(), nothing(), nothing(), nothing(), nothing(), nothing(), nothing()])
    };
    let mut things =
        [of("b", Value::Null), of("c", Value::text("x")), of("a", Value::text("X")), of("d", Value::text("y"))];
    things.sort_by(|mine, theirs| order.compare(&order.keys(mine), &order.keys(theirs)));
    let names: Vec<String> = things.iter().map(|thing| word(&thing.0[0]).expect("it has a name")).collect();
    assert_eq!(names, ["d", "a", "c", "b"]);
}
