//! The one place where features are declared: a table per set, from which everything else follows.

use feature_api::{FeatureSpec, Memory, Param, ParamError, Range};

use crate::window::Window;

/// How far back a feature looks: warm-up and memory together, and what they are counted in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    pub(super) warm_up: u32,
    pub(super) memory: Memory,
    /// What is counted, where it is not the set's rows; see [`feature_api::FeatureSpec::clock`].
    pub(super) clock: Option<&'static str>,
}

impl Look {
    /// The same, counted on that clock: `None` for the set's rows.
    pub(super) const fn on(self, clock: Option<&'static str>) -> Self {
        Self { clock, ..self }
    }
}

/// Looks at the last `window` bars.
pub(super) const fn finite(window: u32) -> Look {
    Look { warm_up: window - 1, memory: Memory::Finite { window }, clock: None }
}

/// Looks at every bar, ever less; first valid after `warm_up` bars, and free of what came before its last
/// `convergence` bars.
pub(super) const fn recursive(warm_up: u32, convergence: u32) -> Look {
    let longer = if convergence > warm_up { convergence } else { warm_up + 1 };
    Look { warm_up, memory: Memory::Recursive { convergence: longer }, clock: None }
}

/// [`finite`], counted in the inputs of another clock than the rows, such as "s1 bars".
pub(super) const fn finite_on(clock: &'static str, window: u32) -> Look {
    finite(window).on(Some(clock))
}

/// [`recursive`], counted in the inputs of another clock than the rows.
pub(super) const fn recursive_on(clock: &'static str, warm_up: u32, convergence: u32) -> Look {
    recursive(warm_up, convergence).on(Some(clock))
}

/// Looks at the order book as it stands; not valid while it cannot be used.
pub(super) const BOOK: Look = Look { warm_up: 0, memory: Memory::Book, clock: None };

/// Looks back to the entry of the open position.
pub(super) const SINCE_ENTRY: Look = Look { warm_up: 0, memory: Memory::SinceEntry, clock: None };

/// A line of a table.
pub(super) const fn spec(
    name: &'static str,
    formula: String,
    look: Look,
    range: Range,
    degenerate: &'static str,
    doc: &'static str,
) -> FeatureSpec {
    FeatureSpec {
        name,
        formula,
        doc,
        degenerate,
        range,
        warm_up: look.warm_up,
        memory: look.memory,
        clock: look.clock,
    }
}

/// 1.0 or 0.0.
#[inline]
pub(super) const fn flag(holds: bool) -> f64 {
    if holds { 1.0 } else { 0.0 }
}

/// Declares the features of a set, in order. A line is
/// `name: value => formula, look, range, degenerate, doc;`
/// where `value` is an `Option<f64>` over the inputs (`?` works), and `formula` and `look` may use the
/// parameters. Names, order, count, schema, warm-up and the README table come from here.
///
/// With `named by`, the table is that of several clocks: `names!(name)` gives the feature's name on each, of which
/// the clock takes its own, and warm-up and memory are counted on it.
macro_rules! features {
    ($params:ident: $Params:ty, $inputs:ident: $Inputs:ty,
     $($name:ident: $value:expr => $formula:expr, $look:expr, $range:expr, $degenerate:expr, $doc:expr;)+) => {
        /// What each feature is, in order.
        pub(super) fn specs($params: &$Params) -> Vec<feature_api::FeatureSpec> {
            vec![$($crate::sets::table::spec(
                stringify!($name), String::from($formula), $look, $range, $degenerate, $doc,
            )),+]
        }

        $crate::sets::table::features! { @evaluate $inputs: $Inputs, $($value;)+ }
    };
    ($clock:ident: $Clock:ty, named by $names:ident, $inputs:ident: $Inputs:ty,
     $($name:ident: $value:expr => $formula:expr, $look:expr, $range:expr, $degenerate:expr, $doc:expr;)+) => {
        /// What each feature is on that clock, in order.
        pub(super) fn specs($clock: $Clock) -> Vec<feature_api::FeatureSpec> {
            vec![$($crate::sets::table::spec(
                $clock.pick($names!($name)),
                String::from($formula),
                $look.on($clock.counted_in()),
                $range,
                $degenerate,
                $doc,
            )),+]
        }

        $crate::sets::table::features! { @evaluate $inputs: $Inputs, $($value;)+ }
    };
    (@evaluate $inputs:ident: $Inputs:ty, $($value:expr;)+) => {
        /// Hands each feature's value to `put`, in order.
        #[inline(always)]
        pub(super) fn evaluate($inputs: $Inputs, mut put: impl FnMut(Option<f64>)) {
            $({
                #[inline(always)]
                fn cell($inputs: $Inputs) -> Option<f64> {
                    $value
                }
                put(cell($inputs));
            })+
        }
    };
}
pub(super) use features;

/// The parameters of a set.
pub trait Params: Sized + Clone + Send {
    /// The catalogue's parameters but for those named.
    ///
    /// # Errors
    /// [`ParamError`] for an unknown name, a value outside 1 to 1,000, or parameters that exclude each other.
    fn with(changes: &[Param]) -> Result<Self, ParamError>;

    /// Every parameter, in order.
    fn list(&self) -> Vec<Param>;
}

/// Declares the parameters of a set and what must hold between them: `name = default`, a window in bars, or
/// `name = default in min..=max`, a number of another kind.
macro_rules! params {
    ($(#[$doc:meta])* $name:ident of $set:literal {
        $($(#[$field_doc:meta])* $field:ident = $default:literal $(in $min:literal..=$max:literal)?,)+
     }
     $rule:literal: |$p:ident| $holds:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $crate::sets::table::params!(@type $($min)?),)+
        }

        impl $crate::sets::table::Params for $name {
            fn with(changes: &[feature_api::Param]) -> Result<Self, feature_api::ParamError> {
                let mut params =
                    Self { $($field: $crate::sets::table::params!(@default $default $(, $min)?),)+ };
                for change in changes {
                    match change.name.as_str() {
                        $(stringify!($field) => {
                            params.$field = $crate::sets::table::params!(
                                @take $set, stringify!($field), change.value $(, $min, $max)?
                            )?;
                        })+
                        unknown => {
                            return Err(feature_api::ParamError::Unknown {
                                set: $set,
                                name: unknown.to_owned(),
                                known: [$(stringify!($field)),+].join(", "),
                            });
                        }
                    }
                }
                let $p = &params;
                if $holds { Ok(params) } else { Err(feature_api::ParamError::Rule { set: $set, rule: $rule }) }
            }

            fn list(&self) -> Vec<feature_api::Param> {
                vec![$(feature_api::Param {
                    name: stringify!($field).to_owned(),
                    value: $crate::sets::table::params!(@value self.$field $(, $min)?),
                }),+]
            }
        }
    };
    (@type) => { $crate::window::Window };
    (@type $min:literal) => { u32 };
    (@default $default:literal) => { $crate::window::Window::clamped($default) };
    (@default $default:literal, $min:literal) => { $default };
    (@take $set:literal, $name:expr, $value:expr) => { $crate::sets::table::window($set, $name, $value) };
    (@take $set:literal, $name:expr, $value:expr, $min:literal, $max:literal) => {
        $crate::sets::table::number($set, $name, $value, $min, $max)
    };
    (@value $value:expr) => { $value.get() };
    (@value $value:expr, $min:literal) => { $value };
}
pub(super) use params;

/// A window from a parameter.
pub(super) fn window(set: &'static str, name: &'static str, value: u32) -> Result<Window, ParamError> {
    Window::new(value).ok_or(ParamError::OutOfRange { set, name, min: 1, max: Window::MAX, found: value })
}

/// A number from a parameter.
pub(super) const fn number(
    set: &'static str,
    name: &'static str,
    value: u32,
    min: u32,
    max: u32,
) -> Result<u32, ParamError> {
    if value < min || value > max {
        return Err(ParamError::OutOfRange { set, name, min, max, found: value });
    }
    Ok(value)
}

/// Declares the operators of a set after its constants, so that none is forgotten in its state or by the meter.
macro_rules! operators {
    ($(#[$doc:meta])* $Name:ident { $($constant:ident: $Constant:ty,)* } $($operator:ident: $Operator:ty,)+) => {
        $(#[$doc])*
        #[derive(Debug)]
        pub struct $Name<W: feature_api::Wiring = feature_api::Plain> {
            $($constant: $Constant,)*
            $($operator: W::Of<$Operator>,)+
        }

        impl $crate::sets::bar_set::Operators for $Name {
            type Metered<'m> = $Name<feature_api::Metered<'m>>;

            fn metered<'m>(self, meter: &'m feature_api::Meter<'m>) -> Self::Metered<'m> {
                $Name {
                    $($constant: self.$constant,)*
                    $($operator: meter.wire(stringify!($operator), self.$operator),)+
                }
            }

            fn save(&self, state: &mut feature_api::StateWriter) {
                $(feature_api::Operator::save(&self.$operator, state);)+
            }

            fn load(
                &mut self,
                state: &mut feature_api::StateReader<'_>,
            ) -> Result<(), feature_api::RestoreError> {
                $(feature_api::Operator::load(&mut self.$operator, state)?;)+
                Ok(())
            }
        }
    };
}
pub(super) use operators;
