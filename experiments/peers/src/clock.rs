//! Processor time: what other programs take of a shared machine is not counted.

use std::time::Duration;

/// Of this thread since it began.
#[cfg(unix)]
pub fn now() -> Duration {
    read(libc::CLOCK_THREAD_CPUTIME_ID)
}

/// Of every thread of this process since it began.
#[cfg(unix)]
pub fn process() -> Duration {
    read(libc::CLOCK_PROCESS_CPUTIME_ID)
}

#[cfg(unix)]
fn read(clock: libc::clockid_t) -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: one timespec is written, and it lives on.
    unsafe { libc::clock_gettime(clock, &mut time) };
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::from_secs(seconds) + Duration::from_nanos(u64::try_from(time.tv_nsec).unwrap_or_default())
}

/// Since the first call. Here it is the time of the wall.
#[cfg(not(unix))]
pub fn now() -> Duration {
    static START: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
    START.elapsed()
}

/// Since the first call. Here it is the time of the wall.
#[cfg(not(unix))]
pub fn process() -> Duration {
    now()
}
