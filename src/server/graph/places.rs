//! Which entities a list has, by their ascending indices. Must not be as large as the list where a number or a set says
//! the same: a request holds it while it waits for a thread.

use roaring::RoaringBitmap;

use crate::server::http::Cancelled;

/// Entities looked at between two looks at whether the client has gone.
const STRETCH: usize = 256;

/// The entities of a list.
#[derive(Clone, Debug)]
pub(crate) enum Places {
    /// The first so many.
    First(u32),
    /// Those of a set.
    Set(RoaringBitmap),
    /// These.
    Listed(Vec<u32>),
}

impl From<Vec<u32>> for Places {
    fn from(places: Vec<u32>) -> Self {
        Self::Listed(places)
    }
}

impl From<RoaringBitmap> for Places {
    fn from(places: RoaringBitmap) -> Self {
        Self::Set(places)
    }
}

impl Places {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::First(count) => *count as usize,
            Self::Set(places) => usize::try_from(places.len()).expect("an index has 32 bits"),
            Self::Listed(places) => places.len(),
        }
    }

    /// Those from `first` on, in ascending order; they end when the client has gone.
    pub(crate) fn starting_at<'p>(&'p self, first: u32, cancelled: &'p Cancelled) -> impl Iterator<Item = u32> + 'p {
        let all: Box<dyn Iterator<Item = u32> + 'p> = match self {
            Self::First(count) => Box::new(first..*count),
            Self::Set(places) => Box::new(places.range(first..)),
            Self::Listed(places) => Box::new(places[places.partition_point(|place| *place < first)..].iter().copied()),
        };
        let is_gone = |at: usize| at.is_multiple_of(STRETCH) && cancelled.is_set();
        all.enumerate().take_while(move |(at, _)| !is_gone(*at)).map(|(_, place)| place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_lists_the_same_and_a_client_that_has_gone_ends_it() {
        let (going, gone) = (Cancelled::default(), Cancelled::default());
        gone.set();
        let all: Vec<u32> = (0..1_000).collect();
        for places in
            [Places::First(1_000), Places::from(all.clone()), all.iter().copied().collect::<RoaringBitmap>().into()]
        {
            assert_eq!(places.len(), 1_000);
            assert_eq!(places.starting_at(0, &going).collect::<Vec<_>>(), all);
            assert_eq!(places.starting_at(998, &going).collect::<Vec<_>>(), [998, 999]);
            assert_eq!(places.starting_at(1_000, &going).count() + places.starting_at(2_000, &going).count(), 0);
            assert_eq!(places.starting_at(0, &gone).count(), 0);
        }
    }
}
