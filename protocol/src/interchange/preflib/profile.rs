//! Alternatives as options and orders as rankings, and back.

use std::collections::HashMap;

use super::super::fault::Unwritable;
use super::super::profile::{Entrant, Form, Profile, WeightedBallot, ranks};
use super::{Kind, Order, PrefLib};

impl PrefLib {
    /// The options and ballots.
    pub fn profile(&self) -> Profile {
        let option = |name: &String| Entrant { label: name.clone(), cost: 0, is_withdrawn: false };
        let ballot =
            |order: &Order| WeightedBallot { weight: order.count, selection: ranks(&order.groups) };
        Profile {
            title: self.meta("TITLE").unwrap_or_default().to_owned(),
            options: self.alternatives.iter().map(option).collect(),
            form: Form::Ranks,
            ballots: self.orders.iter().map(ballot).collect(),
        }
    }

    /// A file of these options and ballots, equal ones together, in the order of the first of each.
    pub fn of(profile: &Profile, kind: Kind) -> Result<Self, Unwritable> {
        let format = kind.name();
        let mut orders: Vec<Order> = Vec::new();
        let mut places = HashMap::new();
        for (ballot, (count, groups)) in (1..).zip(profile.orders(format)?) {
            let ranked: usize = groups.iter().map(Vec::len).sum();
            if kind.is_strict() && ranked > groups.len() {
                return Err(Unwritable::SharedRank { format, ballot });
            }
            if kind.is_complete() && ranked < profile.options.len() {
                return Err(Unwritable::Incomplete { format, ballot });
            }
            let place = *places.entry(groups.clone()).or_insert(orders.len());
            match orders.get_mut(place) {
                Some(order) => order.count += count,
                None => orders.push(Order { count, groups }),
            }
        }
        let title = (!profile.title.is_empty()).then(|| ("TITLE".into(), profile.title.clone()));
        Ok(Self {
            kind,
            meta: title.into_iter().collect(),
            alternatives: profile.options.iter().map(|option| option.label.clone()).collect(),
            orders,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_refuses_what_it_cannot_hold() {
        let profile = |form, selection: &[u16]| Profile {
            title: String::new(),
            options: ["a", "b", "c"]
                .map(|name| Entrant { label: name.into(), cost: 0, is_withdrawn: false })
                .to_vec(),
            form,
            ballots: vec![WeightedBallot { weight: 1, selection: selection.to_vec() }],
        };
        let of = |form, selection: &[u16], kind| PrefLib::of(&profile(form, selection), kind);
        let refused = of(Form::Ranks, &[0, 1], Kind::Soc).unwrap_err();
        assert_eq!(refused, Unwritable::Incomplete { format: "soc", ballot: 1 });
        let refused = of(Form::Ranks, &[0, 1, 1, 1], Kind::Soi).unwrap_err();
        assert_eq!(refused, Unwritable::SharedRank { format: "soi", ballot: 1 });
        let refused = of(Form::Marks, &[0, 7], Kind::Toi).unwrap_err();
        assert_eq!(refused.to_string(), "a toi file holds rankings; these ballots are marks");
        assert!(of(Form::Ranks, &[0, 1, 1, 1, 2, 2], Kind::Toc).is_ok());
    }
}
