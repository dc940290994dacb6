//! Which queries a property supports, and which of them only as an advanced query. Must contain data only.

/// Filter operations that a property supports, as a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Abilities(u16);

impl Abilities {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// Everything, including operations that the directory does not have.
    pub const EVERYTHING: Self = Self(u16::MAX);
    /// `eq`.
    pub const EQ: Self = Self(1);
    /// `ne`.
    pub const NE: Self = Self(1 << 1);
    /// `not` around a condition on it.
    pub const NOT: Self = Self(1 << 2);
    /// `ge`.
    pub const GE: Self = Self(1 << 3);
    /// `le`.
    pub const LE: Self = Self(1 << 4);
    /// `in`.
    pub const IN: Self = Self(1 << 5);
    /// `startsWith`.
    pub const STARTS_WITH: Self = Self(1 << 6);
    /// `endsWith`.
    pub const ENDS_WITH: Self = Self(1 << 7);
    /// `eq null`.
    pub const NULL: Self = Self(1 << 8);
    /// `/$count eq 0` of a list.
    pub const COUNT: Self = Self(1 << 9);

    /// Each ability with its name, in the order of the documentation.
    pub const ALL: [(Self, &'static str); 10] = [
        (Self::EQ, "eq"),
        (Self::NE, "ne"),
        (Self::NOT, "not"),
        (Self::GE, "ge"),
        (Self::LE, "le"),
        (Self::IN, "in"),
        (Self::STARTS_WITH, "startsWith"),
        (Self::ENDS_WITH, "endsWith"),
        (Self::NULL, "null"),
        (Self::COUNT, "$count"),
    ];

    /// The union of both.
    #[must_use]
    pub const fn and(self, more: Self) -> Self {
        Self(self.0 | more.0)
    }

    /// Does it include all of `wanted`?
    pub const fn has(self, wanted: Self) -> bool {
        self.0 & wanted.0 == wanted.0
    }
}

/// Whether an operation is supported, and how it must be requested.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    /// It is not supported.
    Never,
    /// It is supported.
    Plain,
    /// It is supported as an advanced query: with the header `ConsistencyLevel: eventual` and `$count=true`.
    Advanced,
}

/// Which queries a property supports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// The filter operations.
    pub filter: Abilities,
    /// How a filter that uses it must be requested; `ne`, `not`, `endsWith`, `null` and `$count` are always advanced.
    pub by_filter: Support,
    /// How an order by it must be requested.
    pub by_order: Support,
    /// May `$search` use it?
    pub by_search: Support,
}

/// Operations that are advanced queries on every property of the directory.
const ALWAYS_ADVANCED: Abilities =
    Abilities::NE.and(Abilities::NOT).and(Abilities::ENDS_WITH).and(Abilities::NULL).and(Abilities::COUNT);

impl Rules {
    /// Every query; for properties outside the directory.
    pub const FREE: Self = Self {
        filter: Abilities::EVERYTHING,
        by_filter: Support::Plain,
        by_order: Support::Plain,
        by_search: Support::Never,
    };
    /// No query but `$select`.
    pub const CLOSED: Self = Self {
        filter: Abilities::NONE,
        by_filter: Support::Never,
        by_order: Support::Never,
        by_search: Support::Never,
    };

    /// These filter operations.
    pub const fn plain(filter: Abilities) -> Self {
        Self { filter, by_filter: Support::Plain, ..Self::CLOSED }
    }

    /// These filter operations, all of them as advanced queries.
    pub const fn advanced(filter: Abilities) -> Self {
        Self { filter, by_filter: Support::Advanced, ..Self::CLOSED }
    }

    /// Adds an order.
    #[must_use]
    pub const fn ordered(self, by_order: Support) -> Self {
        Self { by_order, ..self }
    }

    /// Adds `$search`.
    #[must_use]
    pub const fn searched(self) -> Self {
        Self { by_search: Support::Advanced, ..self }
    }

    /// How a filter with these operations on the property must be requested.
    pub const fn support(&self, wanted: Abilities) -> Support {
        if !self.filter.has(wanted) {
            return Support::Never;
        }
        match self.by_filter {
            Support::Plain if ALWAYS_ADVANCED.0 & wanted.0 != 0 => Support::Advanced,
            other => other,
        }
    }
}
