//! Into the kernel, and back to where returns are foreseen.
//!
//! A processor foresees where a function returns to by the calls it has made last. Where the kernel guards
//! its own returns by calls that never return (*Safe RET*, for AMD's Zen 1 to 4), nothing is left of the
//! program's calls behind a system call: its next return is foreseen to lead into the kernel, and it takes
//! some 150 nanoseconds to find that it does not, as long as a system call. So there as many calls as a
//! processor keeps are made behind each, which return at once: they take 40.
//!
//! On other processors it is a system call and nothing else.

use crate::sync::Relaxed;
use std::fs::File;
use std::io::Read;
use std::sync::atomic::AtomicU8;

/// Calls the kernel; returns what it returns: what is negative is an error's number.
///
/// # Safety
///
/// As the system call says.
#[inline(always)]
pub(super) unsafe fn enter(number: libc::c_long, arguments: [usize; 6]) -> isize {
    // SAFETY: by contract.
    let returned = unsafe { call(number, arguments) };
    if returns_are_lost() {
        foresee_returns();
    }
    returned
}

#[cfg(all(target_arch = "x86_64", target_pointer_width = "64"))]
#[inline(always)]
unsafe fn call(number: libc::c_long, [a, b, c, d, e, f]: [usize; 6]) -> isize {
    let returned;
    // SAFETY: what the kernel does is up to the caller; of registers it changes those that are named here.
    unsafe {
        std::arch::asm!(
            "syscall",
            inlateout("rax") number => returned,
            in("rdi") a, in("rsi") b, in("rdx") c, in("r10") d, in("r8") e, in("r9") f,
            lateout("rcx") _, lateout("r11") _,
            options(nostack),
        );
    }
    returned
}

#[cfg(not(all(target_arch = "x86_64", target_pointer_width = "64")))]
#[inline(always)]
unsafe fn call(number: libc::c_long, [a, b, c, d, e, f]: [usize; 6]) -> isize {
    // SAFETY: by contract.
    let returned = unsafe { libc::syscall(number, a, b, c, d, e, f) };
    match returned {
        -1 => -(std::io::Error::last_os_error().raw_os_error().unwrap_or(0) as isize),
        returned => returned as isize,
    }
}

/// Makes 32 calls, each in the one before, of which this is the first.
#[cfg(all(target_arch = "x86_64", target_pointer_width = "64"))]
#[inline(never)]
fn foresee_returns() {
    // SAFETY: each call is returned from, so the stack is as before; nothing else is touched.
    unsafe {
        std::arch::asm!(
            "call 2f", "jmp 4f", "2:", ".rept 30", "call 3f", "ret", "3:", ".endr", "ret", "4:",
        );
    }
}

#[cfg(not(all(target_arch = "x86_64", target_pointer_width = "64")))]
fn foresee_returns() {}

const UNKNOWN: u8 = 0;
const KEPT: u8 = 1;
const LOST: u8 = 2;

/// Whether the processor forgets in a system call where to return to.
#[inline(always)]
fn returns_are_lost() -> bool {
    static RETURNS: AtomicU8 = AtomicU8::new(UNKNOWN);
    #[cold]
    fn ask() -> u8 {
        let answer = if kernel_guards_returns() { LOST } else { KEPT };
        RETURNS.store(answer, Relaxed);
        answer
    }
    match RETURNS.load(Relaxed) {
        UNKNOWN => ask() == LOST,
        answer => answer == LOST,
    }
}

/// Allocates nothing, since a handler of a signal may call the kernel first.
fn kernel_guards_returns() -> bool {
    let mut says = [0; 64];
    File::open("/sys/devices/system/cpu/vulnerabilities/spec_rstack_overflow")
        .and_then(|mut file| file.read(&mut says))
        .is_ok_and(|length| names_safe_ret(&says[..length]))
}

fn names_safe_ret(says: &[u8]) -> bool {
    says.windows(8).any(|word| word == b"Safe RET")
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_returns_is_returned_and_so_are_its_errors() {
        // SAFETY: it takes nothing and touches nothing.
        let parent = unsafe { enter(libc::SYS_getppid, [0; 6]) };
        assert_eq!(parent, std::os::unix::process::parent_id() as isize);
        // SAFETY: no descriptor has this number.
        let closed = unsafe { enter(libc::SYS_close, [usize::MAX, 0, 0, 0, 0, 0]) };
        assert_eq!(closed, -(libc::EBADF as isize));
    }

    #[test]
    fn foreseeing_returns_changes_nothing_else() {
        fn sum(numbers: &[u64]) -> u64 {
            foresee_returns();
            numbers.split_first().map_or(0, |(first, rest)| {
                let rest = sum(rest);
                foresee_returns();
                first + rest
            })
        }
        assert_eq!(sum(&(0..100).collect::<Vec<_>>()), 4950);
    }

    #[test]
    fn what_the_kernel_says_of_returns_is_understood() {
        for says in [
            "Mitigation: Safe RET\n",
            "Vulnerable: Safe RET, no microcode\n",
        ] {
            assert!(names_safe_ret(says.as_bytes()), "{says}");
        }
        for says in [
            "",
            "Not affected\n",
            "Vulnerable\n",
            "Mitigation: SMT disabled\n",
        ] {
            assert!(!names_safe_ret(says.as_bytes()), "{says}");
        }
    }
}
