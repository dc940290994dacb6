//! Generated filters and entities: every kind of field, both kinds of list, nested conditions.

use std::sync::LazyLock;

use jiff::Timestamp;
use proptest::prelude::*;
use reveille::server::odata::{
    Abilities, ComplexType, Dialect, ENTRY, Entity, EntityType, Field, FieldKind, FieldPart, Filter, Operator,
    Quantifier, Rules, Schema, Support, TextTest, Value,
};
use strum::VariantArray as _;

const WORDS: &[&str] = &["managed", "retirePending", "unknown"];
static LICENSE: ComplexType = ComplexType {
    name: "microsoft.graph.license",
    members: &[
        Field::new("sku", FieldKind::Guid),
        Field::new("plan", FieldKind::Text),
        Field::new("seats", FieldKind::Whole),
    ],
};
static DATES: ComplexType =
    ComplexType { name: "microsoft.graph.dates", members: &[Field::new("bought", FieldKind::Moment)] };
pub(super) static FIELDS: [Field; 9] = [
    Field::new("deviceName", FieldKind::Text),
    Field::new("model", FieldKind::Text),
    Field::new("state", FieldKind::Choice(WORDS)),
    Field::new("enrolled", FieldKind::Moment),
    Field::new("enabled", FieldKind::Flag),
    Field::new("storage", FieldKind::Whole),
    Field::new("tags", FieldKind::Texts),
    Field::new("licenses", FieldKind::Records(&LICENSE)),
    Field::new("dates", FieldKind::Record(&DATES)),
];
static TYPE: LazyLock<EntityType> = LazyLock::new(|| EntityType::new("thing", Dialect::Intune, &FIELDS));

pub(super) fn schema() -> Schema {
    &TYPE
}

/// The same properties as the directory would define them: supported, supported as advanced queries, unsupported.
pub(super) static DIRECTORY: LazyLock<EntityType> = LazyLock::new(|| {
    let every = Abilities::ALL.into_iter().fold(Abilities::NONE, |sum, (one, _)| sum.and(one));
    let rules = [
        Rules::plain(every).ordered(Support::Plain),
        Rules::advanced(every).ordered(Support::Advanced),
        Rules::plain(Abilities::EQ.and(Abilities::STARTS_WITH)),
        Rules::CLOSED,
    ];
    let fields = FIELDS.iter().enumerate().map(|(at, field)| Field { rules: rules[at % 4], at, ..*field });
    EntityType::new("thing", Dialect::Directory, fields.collect::<Vec<_>>().leak())
});
/// An entity, its fields in the order of [`FIELDS`].
#[derive(Clone, Debug)]
pub(super) struct Thing(pub(super) [Value; 9]);

impl Entity for Thing {
    fn value(&self, field: &Field) -> Value {
        let at = FIELDS.iter().position(|known| known.name == field.name).expect("it is one of them");
        assert_eq!(field.part, FieldPart::Whole, "an entity is asked for its own properties only");
        self.0[at].clone()
    }
}

fn text() -> impl Strategy<Value = String> {
    // Few letters, so that values are sometimes equal; quotes and letter case, because they are error-prone.
    prop::collection::vec(prop::sample::select(vec!['a', 'A', 'b', '\'', ' ', 'é', '(', '💡']), 0..4)
        .prop_map(|letters| letters.into_iter().collect())
}

fn moment() -> impl Strategy<Value = Value> {
    (0_i64..4, prop::sample::select(vec![0, 500]))
        .prop_map(|(day, ms)| {
            Timestamp::from_millisecond(1_767_592_800_000 + day * 86_400_000 + ms).expect("it is one")
        })
        .prop_map(Value::Moment)
}

/// The possible values of a field of this kind.
fn held(kind: FieldKind) -> BoxedStrategy<Value> {
    match kind {
        FieldKind::Text => text().prop_map(Value::Text).boxed(),
        FieldKind::Choice(words) => prop::sample::select(words).prop_map(Value::Choice).boxed(),
        FieldKind::Moment => moment().boxed(),
        FieldKind::Flag => any::<bool>().prop_map(Value::Flag).boxed(),
        FieldKind::Whole => prop_oneof![-2_i64..3, Just(i64::MAX)].prop_map(Value::Whole).boxed(),
        FieldKind::Guid => (0_u128..3).prop_map(|id| Value::Text(uuid::Uuid::from_u128(id).to_string())).boxed(),
        FieldKind::Texts => prop::collection::vec(text().prop_map(Value::Text), 0..3).prop_map(Value::List).boxed(),
        FieldKind::Records(record) => prop::collection::vec(held_record(record), 0..3).prop_map(Value::List).boxed(),
        FieldKind::Record(record) => held_record(record),
        FieldKind::Link => Just(Value::Null).boxed(),
    }
}

fn held_record(record: &'static ComplexType) -> BoxedStrategy<Value> {
    let members: Vec<BoxedStrategy<Value>> = record.members.iter().map(|member| or_null(held(member.kind))).collect();
    members
        .prop_map(move |values| Value::Record(record.members.iter().map(|member| member.name).zip(values).collect()))
        .boxed()
}

fn or_null(values: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    prop_oneof![6 => values, 1 => Just(Value::Null)].boxed()
}

pub(super) fn thing() -> impl Strategy<Value = Thing> {
    let field = |at: usize| or_null(held(FIELDS[at].kind));
    let all: Vec<BoxedStrategy<Value>> = (0..FIELDS.len()).map(field).collect();
    all.prop_map(|values| Thing(values.try_into().expect("there is one for each")))
}

/// Simple properties, and parts of complex ones.
fn plain_fields() -> Vec<&'static Field> {
    let parts = ["dates/bought", "tags/$count", "licenses/$count"];
    let parts = parts.map(|name| schema().find_part(name).expect("it is one"));
    FIELDS
        .iter()
        .filter(|field| !field.kind.is_list() && !matches!(field.kind, FieldKind::Record(_)))
        .chain(parts)
        .collect()
}

/// A comparison, a choice or a test of one of these fields.
fn condition_on(fields: &[&'static Field]) -> BoxedStrategy<Filter> {
    let field = prop::sample::select(fields.to_vec());
    let compare =
        (field.clone(), prop::sample::select(Operator::VARIANTS.to_vec())).prop_flat_map(|(field, operator)| {
            let operator = if field.kind.is_ordered() || !operator.is_ordering() { operator } else { Operator::Ne };
            or_null(held(field.kind)).prop_map(move |value| Filter::Compare { field, operator, value })
        });
    let among = field.prop_flat_map(|field| {
        prop::collection::vec(or_null(held(field.kind)), 1..4).prop_map(move |values| Filter::In { field, values })
    });
    let texts: Vec<&'static Field> = fields.iter().copied().filter(|field| field.kind == FieldKind::Text).collect();
    let test = (prop::sample::select(TextTest::VARIANTS.to_vec()), prop::sample::select(texts), text())
        .prop_map(|(test, field, needle)| Filter::Test { test, field, needle });
    prop_oneof![3 => compare, 1 => among, 2 => test].boxed()
}

/// `any` and `all` over both lists.
fn lambda() -> BoxedStrategy<Filter> {
    let list = |at: usize, entries: Vec<&'static Field>| {
        let one = condition_on(&entries);
        let condition = one.prop_recursive(2, 6, 2, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 2..3).prop_map(Filter::Any),
                inner.prop_map(|term| Filter::Not(Box::new(term))),
            ]
        });
        (prop::sample::select(Quantifier::VARIANTS.to_vec()), prop::option::weighted(0.8, condition)).prop_map(
            move |(quantifier, condition)| {
                // `all` without a condition is not valid.
                let quantifier = if condition.is_some() { quantifier } else { Quantifier::Any };
                Filter::Lambda { quantifier, field: &FIELDS[at], condition: condition.map(Box::new) }
            },
        )
    };
    prop_oneof![list(6, vec![&ENTRY]), list(7, LICENSE.members.iter().collect())].boxed()
}

fn condition() -> BoxedStrategy<Filter> {
    prop_oneof![3 => condition_on(&plain_fields()), 1 => lambda()].boxed()
}

pub(super) fn filter() -> impl Strategy<Value = Filter> {
    condition().prop_recursive(4, 24, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Filter::All),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Filter::Any),
            inner.prop_map(|term| Filter::Not(Box::new(term))),
        ]
    })
}
