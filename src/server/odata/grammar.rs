//! The grammar of `$filter`: parses a text into a typed tree, or reports the position of the first error. Must not
//! access an entity.

use winnow::Parser as _;
use winnow::combinator::{alt, opt};
use winnow::stream::{LocatingSlice, Location as _, Stateful};
use winnow::token::any;

use super::fault::{OptionPlace, QueryError};
use super::field::{Field, FieldKind};
use super::filter::{ENTRY, Filter, Operator, Quantifier};
use super::lexer::{
    LexerInput, LexerState, Miss, NameScope, Parsed, literal_word, miss, name, quoted, shown, sign, space, word,
};
use super::literal::{incompatible, value};
use super::schema::Schema;

/// Bytes of a filter, at most: as long as the addresses that servers accept.
const FILTER_BYTES_MAX: usize = 8_192;
/// Nesting depth of conditions, at most.
const DEPTH_MAX: usize = 32;
/// Comparisons and tests of one filter, at most; each is evaluated for every entity.
const TERMS_MAX: usize = 200;

const OPTION: &str = "$filter";

impl Filter {
    /// Parses a filter over these fields.
    ///
    /// # Errors
    /// What was expected, and at which character.
    pub fn parse(text: &str, schema: Schema) -> Result<Self, QueryError> {
        if text.len() > FILTER_BYTES_MAX {
            return Err(QueryError::new(OPTION, format!("a filter has at most {FILTER_BYTES_MAX} bytes")));
        }
        let state = LexerState { schema, scope: NameScope::Entity, depth: 0, terms: 0 };
        let mut input = Stateful { input: LocatingSlice::new(text), state };
        whole(&mut input).map_err(|miss| {
            let place = Some(OptionPlace::of(text, miss.at));
            QueryError { option: OPTION, what: miss.what, place, mistake: miss.mistake }
        })
    }
}

fn whole(input: &mut LexerInput<'_>) -> Parsed<Filter> {
    space(input)?;
    let filter = either(input)?;
    match any::<_, Miss>.parse_next(&mut input.clone()) {
        Ok(_) => Err(miss(input, "expected `and`, `or` or the end")),
        Err(_) => Ok(filter),
    }
}

fn either(input: &mut LexerInput<'_>) -> Parsed<Filter> {
    deeper(input, |input| {
        let mut terms = vec![both(input)?];
        while opt(word("or")).parse_next(input)?.is_some() {
            terms.push(both(input)?);
        }
        Ok(if terms.len() == 1 { terms.remove(0) } else { Filter::Any(terms) })
    })
}

fn both(input: &mut LexerInput<'_>) -> Parsed<Filter> {
    let mut terms = vec![term(input)?];
    while opt(word("and")).parse_next(input)?.is_some() {
        terms.push(term(input)?);
    }
    Ok(if terms.len() == 1 { terms.remove(0) } else { Filter::All(terms) })
}

fn term(input: &mut LexerInput<'_>) -> Parsed<Filter> {
    if opt(word("not")).parse_next(input)?.is_some() {
        return deeper(input, |input| Ok(Filter::Not(Box::new(term(input)?))));
    }
    if opt(sign("(")).parse_next(input)?.is_some() {
        let filter = either(input)?;
        sign(")").parse_next(input).map_err(|_| miss(input, "expected `and`, `or` or `)`"))?;
        return Ok(filter);
    }
    count_term(input)?;
    alt((call, comparison)).parse_next(input)
}

fn count_term(input: &mut LexerInput<'_>) -> Parsed<()> {
    input.state.terms += 1;
    if input.state.terms > TERMS_MAX {
        return Err(miss(input, format!("a filter has at most {TERMS_MAX} conditions")));
    }
    Ok(())
}

fn deeper<'t>(
    input: &mut LexerInput<'t>,
    inside: impl FnOnce(&mut LexerInput<'t>) -> Parsed<Filter>,
) -> Parsed<Filter> {
    if input.state.depth == DEPTH_MAX {
        return Err(miss(input, format!("conditions stand at most {DEPTH_MAX} deep inside one another")));
    }
    input.state.depth += 1;
    let filter = inside(input)?;
    input.state.depth -= 1;
    Ok(filter)
}

/// `startswith(deviceName, 'a')` or `groupTypes/any(c:c eq 'Unified')`, and `… eq true`.
fn call(input: &mut LexerInput<'_>) -> Parsed<Filter> {
    let begin = input.current_token_start();
    let name = name(input)?;
    sign("(").parse_next(input)?;
    let lambda = name.rsplit_once('/').and_then(|(list, last)| Some((list, last.parse().ok()?)));
    let filter = match lambda {
        Some((list, quantifier)) => lambda_of(input, begin, list, quantifier)?,
        None => test(input, begin, name)?,
    };
    let Some(operator) = opt(operator).parse_next(input)? else { return Ok(filter) };
    let at = input.current_token_start();
    let is_wanted = match (operator, literal_word(input)?) {
        (Operator::Eq, "true") | (Operator::Ne, "false") => true,
        (Operator::Eq, "false") | (Operator::Ne, "true") => false,
        _ => return Err(Miss::wrong(at, "expected `eq` or `ne` and `true` or `false`")),
    };
    Ok(if is_wanted { filter } else { Filter::Not(Box::new(filter)) })
}

/// The arguments of a test on a text.
fn test(input: &mut LexerInput<'_>, begin: usize, name: &str) -> Parsed<Filter> {
    let test = name.parse().map_err(|_| {
        let what = format!("there is no function `{}` here: only startswith, endswith and contains", shown(name));
        Miss::wrong(begin, what)
    })?;
    let at = input.current_token_start();
    let field = field(input)?;
    if field.kind != FieldKind::Text {
        return Err(Miss::wrong(at, format!("`{}` is no text", field.name)));
    }
    sign(",").parse_next(input).map_err(|_| miss(input, "expected `,`"))?;
    let needle = quoted(input).map_err(|found| found.or_say(input, "expected a text in quotes"))?;
    sign(")").parse_next(input).map_err(|_| miss(input, "expected `)`"))?;
    Ok(Filter::Test { test, field, needle })
}

/// The arguments of `any` and `all`.
fn lambda_of(input: &mut LexerInput<'_>, begin: usize, list: &str, quantifier: Quantifier) -> Parsed<Filter> {
    if matches!(input.state.scope, NameScope::Entry { .. }) {
        return Err(Miss::wrong(begin, "`any` and `all` do not stand inside one another here"));
    }
    let field = input.state.schema.find_part(list).ok_or_else(|| unknown(input, begin, list))?;
    if !field.kind.is_list() {
        let what = format!("`{}` is no list: `any` and `all` look into lists", field.name);
        return Err(Miss::wrong(begin, what));
    }
    if opt(sign(")")).parse_next(input)?.is_some() {
        return match quantifier {
            Quantifier::Any => Ok(Filter::Lambda { quantifier, field, condition: None }),
            Quantifier::All => Err(miss(input, "`all` has a condition")),
        };
    }
    let variable = name(input).map_err(|_| miss(input, "expected a variable"))?;
    sign(":").parse_next(input).map_err(|_| miss(input, "expected `:`"))?;
    input.state.scope = NameScope::Entry { variable, of: field };
    let condition = either(input);
    input.state.scope = NameScope::Entity;
    // An error inside is reported; no other interpretation is tried.
    let condition = condition.map_err(|found| Miss { is_final: true, ..found })?;
    sign(")").parse_next(input).map_err(|_| miss(input, "expected `and`, `or` or `)`"))?;
    Ok(Filter::Lambda { quantifier, field, condition: Some(Box::new(condition)) })
}

fn comparison(input: &mut LexerInput<'_>) -> Parsed<Filter> {
    let field = field(input)?;
    if opt(word("in")).parse_next(input)?.is_some() {
        sign("(").parse_next(input).map_err(|_| miss(input, "expected `(`"))?;
        let mut values = vec![value(input, field, Operator::Eq)?];
        while opt(sign(",")).parse_next(input)?.is_some() {
            values.push(value(input, field, Operator::Eq)?);
            count_term(input)?;
        }
        sign(")").parse_next(input).map_err(|_| miss(input, "expected `,` or `)`"))?;
        return Ok(Filter::In { field, values });
    }
    let at = input.current_token_start();
    let operator = operator(input).map_err(|_| miss(input, "expected eq, ne, lt, le, gt, ge or in"))?;
    if field.kind.is_list() {
        return Err(Miss::meaning(at, incompatible(field, field.kind.edm(), operator)));
    }
    if operator.is_ordering() && !field.kind.is_ordered() {
        return Err(Miss::wrong(at, format!("`{}` is compared with eq and ne only", field.name)));
    }
    Ok(Filter::Compare { field, operator, value: value(input, field, operator)? })
}

/// A property; inside `any` and `all`, the variable or a member of it.
fn field(input: &mut LexerInput<'_>) -> Parsed<&'static Field> {
    let at = input.current_token_start();
    let name = name(input).map_err(|_| miss(input, "expected a property, a function, `not` or `(`"))?;
    let found = match input.state.scope {
        NameScope::Entity => input.state.schema.find_part(name),
        NameScope::Entry { variable, of } => match (of.kind, name.strip_prefix(variable)) {
            (FieldKind::Texts, Some("")) => Some(&ENTRY),
            (FieldKind::Records(record), Some(rest)) => rest
                .strip_prefix('/')
                .and_then(|member| record.members.iter().find(|known| known.name.eq_ignore_ascii_case(member))),
            _ => None,
        },
    };
    found.ok_or_else(|| unknown(input, at, name).softly())
}

fn unknown(input: &LexerInput<'_>, at: usize, name: &str) -> Miss {
    let of = match input.state.scope {
        NameScope::Entry { of, .. } => of.kind.edm().to_owned(),
        NameScope::Entity => input.state.schema.full_name(),
    };
    Miss::meaning(at, format!("Could not find a property named '{}' on type '{of}'.", shown(name)))
}

fn operator(input: &mut LexerInput<'_>) -> Parsed<Operator> {
    let begin = *input;
    let found = name(input).ok().and_then(|name| name.parse().ok());
    found.ok_or_else(|| {
        *input = begin;
        miss(input, "expected an operator").softly()
    })
}
