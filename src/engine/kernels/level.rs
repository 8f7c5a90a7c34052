//! Which instructions this machine has, and how a kernel is compiled for each set of them.

use std::fmt;

/// A set of instructions that kernels are compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// AVX-512 with products of bytes.
    #[cfg(target_arch = "x86_64")]
    Avx512,
    /// AVX2 with products of bytes.
    #[cfg(target_arch = "x86_64")]
    AvxVnni,
    /// AVX2.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// NEON with products of bytes.
    #[cfg(target_arch = "aarch64")]
    NeonDot,
    /// NEON.
    #[cfg(target_arch = "aarch64")]
    Neon,
    /// Whatever the compiler makes of plain arrays.
    Portable,
}

/// The variable that holds a machine to fewer instructions than it has, to measure or to look
/// for a fault.
pub(crate) const LEVEL_VARIABLE: &str = "VIVA_CPU_LEVEL";

impl Level {
    /// What this machine has, the best first.
    pub(crate) fn all() -> Vec<Self> {
        let mut all = Vec::new();
        #[cfg(target_arch = "x86_64")]
        all.extend(x86());
        #[cfg(target_arch = "aarch64")]
        all.extend(arm());
        all.push(Self::Portable);
        all
    }

    /// The one that [`LEVEL_VARIABLE`] names, or else the best that this machine has.
    pub(crate) fn chosen() -> Result<Self, UnknownLevel> {
        match std::env::var(LEVEL_VARIABLE) {
            Ok(asked) => Self::named(&asked),
            Err(std::env::VarError::NotPresent) => Ok(Self::all()[0]),
            Err(std::env::VarError::NotUnicode(asked)) => Self::named(&asked.to_string_lossy()),
        }
    }

    fn named(asked: &str) -> Result<Self, UnknownLevel> {
        let known = Self::all().into_iter().find(|level| level.name() == asked);
        known.ok_or_else(|| UnknownLevel { asked: asked.to_owned() })
    }

    /// Its name in [`LEVEL_VARIABLE`].
    pub(crate) fn name(self) -> &'static str {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => "avx512",
            #[cfg(target_arch = "x86_64")]
            Self::AvxVnni => "avx-vnni",
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => "avx2",
            #[cfg(target_arch = "aarch64")]
            Self::NeonDot => "neon-dot",
            #[cfg(target_arch = "aarch64")]
            Self::Neon => "neon",
            Self::Portable => "portable",
        }
    }
}

/// [`LEVEL_VARIABLE`] asks for instructions that this machine lacks, or nobody has heard of.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct UnknownLevel {
    asked: String,
}

impl fmt::Display for UnknownLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let levels: Vec<&str> = Level::all().into_iter().map(Level::name).collect();
        let (asked, levels) = (self.asked.escape_debug(), levels.join(", "));
        write!(f, "{LEVEL_VARIABLE} is \"{asked}\", and this machine has: {levels}")
    }
}

#[cfg(target_arch = "x86_64")]
fn x86() -> Vec<Level> {
    let mut levels = Vec::new();
    let avx2 = is_x86_feature_detected!("avx2")
        && is_x86_feature_detected!("fma")
        && is_x86_feature_detected!("f16c");
    let avx512 = is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512vnni");
    if avx2 && avx512 {
        levels.push(Level::Avx512);
    }
    if avx2 && is_x86_feature_detected!("avxvnni") {
        levels.push(Level::AvxVnni);
    }
    if avx2 {
        levels.push(Level::Avx2);
    }
    levels
}

/// Every machine of this kind has NEON.
#[cfg(target_arch = "aarch64")]
fn arm() -> Vec<Level> {
    let dot = std::arch::is_aarch64_feature_detected!("dotprod");
    dot.then_some(Level::NeonDot).into_iter().chain([Level::Neon]).collect()
}

/// Defines a function over [`Level`] out of a generic one over [`super::simd::Simd`], which has
/// to be `#[inline(always)]`: it is compiled once for each level, with that level's instructions.
macro_rules! for_levels {
    ($(#[$doc:meta])* fn $name:ident = $generic:ident $(::<$($extra:ty),+>)? ($($arg:ident: $type:ty),* $(,)?) $(-> $out:ty)?) => {
        $(#[$doc])*
        pub(super) unsafe fn $name(level: $crate::engine::kernels::Level, $($arg: $type),*) $(-> $out)? {
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma,f16c,avx512f,avx512bw,avx512vl,avx512vnni")]
            unsafe fn avx512($($arg: $type),*) $(-> $out)? {
                // SAFETY: what the caller promised; the instructions are enabled here.
                unsafe { $generic::<$crate::engine::kernels::avx512::Avx512 $($(, $extra)+)?>($($arg),*) }
            }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma,f16c,avxvnni")]
            unsafe fn avx_vnni($($arg: $type),*) $(-> $out)? {
                // SAFETY: as above.
                unsafe { $generic::<$crate::engine::kernels::avx2::AvxVnni $($(, $extra)+)?>($($arg),*) }
            }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma,f16c")]
            unsafe fn avx2($($arg: $type),*) $(-> $out)? {
                // SAFETY: as above.
                unsafe { $generic::<$crate::engine::kernels::avx2::Avx2 $($(, $extra)+)?>($($arg),*) }
            }
            #[cfg(target_arch = "aarch64")]
            #[target_feature(enable = "neon,dotprod")]
            unsafe fn neon_dot($($arg: $type),*) $(-> $out)? {
                // SAFETY: as above.
                unsafe { $generic::<$crate::engine::kernels::neon::NeonDot $($(, $extra)+)?>($($arg),*) }
            }
            // SAFETY: a level is made only where its instructions were found; the rest is what
            // the caller promised.
            unsafe {
                match level {
                    #[cfg(target_arch = "x86_64")]
                    $crate::engine::kernels::Level::Avx512 => avx512($($arg),*),
                    #[cfg(target_arch = "x86_64")]
                    $crate::engine::kernels::Level::AvxVnni => avx_vnni($($arg),*),
                    #[cfg(target_arch = "x86_64")]
                    $crate::engine::kernels::Level::Avx2 => avx2($($arg),*),
                    #[cfg(target_arch = "aarch64")]
                    $crate::engine::kernels::Level::NeonDot => neon_dot($($arg),*),
                    #[cfg(target_arch = "aarch64")]
                    $crate::engine::kernels::Level::Neon => {
                        $generic::<$crate::engine::kernels::neon::Neon $($(, $extra)+)?>($($arg),*)
                    }
                    $crate::engine::kernels::Level::Portable => {
                        $generic::<$crate::engine::kernels::portable::Portable $($(, $extra)+)?>($($arg),*)
                    }
                }
            }
        }
    };
}

pub(super) use for_levels;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_go_by_their_names_and_others_are_named_with_what_there_is() {
        for level in Level::all() {
            assert_eq!(Level::named(level.name()), Ok(level));
        }
        let said = Level::named("avx9\u{7}").unwrap_err().to_string();
        assert!(said.contains(r#"VIVA_CPU_LEVEL is "avx9\u{7}""#), "{said}");
        assert!(said.ends_with("portable"), "{said}");
    }
}
