//! Which queries a property takes part in, and which of them only as an advanced query. Data; asks nothing.

/// What a filter may do with a property. Several of them together are a set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Abilities(u16);

impl Abilities {
    /// Nothing.
    pub const NONE: Self = Self(0);
    /// Everything, which more than the directory knows belongs to.
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

    /// Each of them with its word, in the order of the documentation.
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

    /// These and those.
    #[must_use]
    pub const fn and(self, more: Self) -> Self {
        Self(self.0 | more.0)
    }

    /// Are all of those among these?
    pub const fn has(self, wanted: Self) -> bool {
        self.0 & wanted.0 == wanted.0
    }
}

/// Whether something works, and how it must be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    /// It does not work.
    Never,
    /// It works.
    Plain,
    /// It works as an advanced query: with the header `ConsistencyLevel: eventual` and `$count=true`.
    Advanced,
}

/// Which queries a property takes part in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// What a filter may do with it.
    pub filter: Abilities,
    /// How a filter that uses it must be asked for; `ne`, `not`, `endsWith`, `null` and `$count` are advanced everywhere.
    pub by_filter: Support,
    /// How a list is ordered by it.
    pub by_order: Support,
    /// May `$search` name it?
    pub by_search: Support,
}

/// What is an advanced query on every property of the directory.
const ALWAYS_ADVANCED: Abilities =
    Abilities::NE.and(Abilities::NOT).and(Abilities::ENDS_WITH).and(Abilities::NULL).and(Abilities::COUNT);

impl Rules {
    /// Every query; for properties that do not belong to the directory.
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

    /// Filters of this kind.
    pub const fn plain(filter: Abilities) -> Self {
        Self { filter, by_filter: Support::Plain, ..Self::CLOSED }
    }

    /// Filters of this kind, all of them advanced queries.
    pub const fn advanced(filter: Abilities) -> Self {
        Self { filter, by_filter: Support::Advanced, ..Self::CLOSED }
    }

    /// And an order.
    #[must_use]
    pub const fn ordered(self, by_order: Support) -> Self {
        Self { by_order, ..self }
    }

    /// And `$search`.
    #[must_use]
    pub const fn searched(self) -> Self {
        Self { by_search: Support::Advanced, ..self }
    }

    /// How a filter must be asked for that does this with the property.
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
