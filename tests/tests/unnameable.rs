//! A function with a hundred locals whose types have no names, all alive across suspensions.

#![forbid(unsafe_code)]
#![deny(warnings)]
#![warn(clippy::all)]

use behaviour::{Log, assert_same, both};

#[both]
mod cases {
    #[cps]
    fn hundred(log: &Log, seed: u32) -> u32 {
        let c0 = move |n: u32| n.wrapping_mul(2) ^ seed;
        let mut i0 = multiples(1);
        let c1 = move |n: u32| n.wrapping_mul(3) ^ seed;
        let mut i1 = multiples(3);
        let c2 = move |n: u32| n.wrapping_mul(4) ^ seed;
        let mut i2 = multiples(5);
        let c3 = move |n: u32| n.wrapping_mul(5) ^ seed;
        let mut i3 = multiples(7);
        let c4 = move |n: u32| n.wrapping_mul(6) ^ seed;
        let mut i4 = multiples(9);
        let c5 = move |n: u32| n.wrapping_mul(7) ^ seed;
        let mut i5 = multiples(11);
        let c6 = move |n: u32| n.wrapping_mul(8) ^ seed;
        let mut i6 = multiples(13);
        let c7 = move |n: u32| n.wrapping_mul(9) ^ seed;
        let mut i7 = multiples(15);
        let c8 = move |n: u32| n.wrapping_mul(10) ^ seed;
        let mut i8 = multiples(17);
        let c9 = move |n: u32| n.wrapping_mul(11) ^ seed;
        let mut i9 = multiples(19);
        coop!();
        let c10 = move |n: u32| n.wrapping_mul(12) ^ seed;
        let mut i10 = multiples(21);
        let c11 = move |n: u32| n.wrapping_mul(13) ^ seed;
        let mut i11 = multiples(23);
        let c12 = move |n: u32| n.wrapping_mul(14) ^ seed;
        let mut i12 = multiples(25);
        let c13 = move |n: u32| n.wrapping_mul(15) ^ seed;
        let mut i13 = multiples(27);
        let c14 = move |n: u32| n.wrapping_mul(16) ^ seed;
        let mut i14 = multiples(29);
        let c15 = move |n: u32| n.wrapping_mul(17) ^ seed;
        let mut i15 = multiples(31);
        let c16 = move |n: u32| n.wrapping_mul(18) ^ seed;
        let mut i16 = multiples(33);
        let c17 = move |n: u32| n.wrapping_mul(19) ^ seed;
        let mut i17 = multiples(35);
        let c18 = move |n: u32| n.wrapping_mul(20) ^ seed;
        let mut i18 = multiples(37);
        let c19 = move |n: u32| n.wrapping_mul(21) ^ seed;
        let mut i19 = multiples(39);
        coop!();
        let c20 = move |n: u32| n.wrapping_mul(22) ^ seed;
        let mut i20 = multiples(41);
        let c21 = move |n: u32| n.wrapping_mul(23) ^ seed;
        let mut i21 = multiples(43);
        let c22 = move |n: u32| n.wrapping_mul(24) ^ seed;
        let mut i22 = multiples(45);
        let c23 = move |n: u32| n.wrapping_mul(25) ^ seed;
        let mut i23 = multiples(47);
        let c24 = move |n: u32| n.wrapping_mul(26) ^ seed;
        let mut i24 = multiples(49);
        let c25 = move |n: u32| n.wrapping_mul(27) ^ seed;
        let mut i25 = multiples(51);
        let c26 = move |n: u32| n.wrapping_mul(28) ^ seed;
        let mut i26 = multiples(53);
        let c27 = move |n: u32| n.wrapping_mul(29) ^ seed;
        let mut i27 = multiples(55);
        let c28 = move |n: u32| n.wrapping_mul(30) ^ seed;
        let mut i28 = multiples(57);
        let c29 = move |n: u32| n.wrapping_mul(31) ^ seed;
        let mut i29 = multiples(59);
        coop!();
        let c30 = move |n: u32| n.wrapping_mul(32) ^ seed;
        let mut i30 = multiples(61);
        let c31 = move |n: u32| n.wrapping_mul(33) ^ seed;
        let mut i31 = multiples(63);
        let c32 = move |n: u32| n.wrapping_mul(34) ^ seed;
        let mut i32 = multiples(65);
        let c33 = move |n: u32| n.wrapping_mul(35) ^ seed;
        let mut i33 = multiples(67);
        let c34 = move |n: u32| n.wrapping_mul(36) ^ seed;
        let mut i34 = multiples(69);
        let c35 = move |n: u32| n.wrapping_mul(37) ^ seed;
        let mut i35 = multiples(71);
        let c36 = move |n: u32| n.wrapping_mul(38) ^ seed;
        let mut i36 = multiples(73);
        let c37 = move |n: u32| n.wrapping_mul(39) ^ seed;
        let mut i37 = multiples(75);
        let c38 = move |n: u32| n.wrapping_mul(40) ^ seed;
        let mut i38 = multiples(77);
        let c39 = move |n: u32| n.wrapping_mul(41) ^ seed;
        let mut i39 = multiples(79);
        coop!();
        let c40 = move |n: u32| n.wrapping_mul(42) ^ seed;
        let mut i40 = multiples(81);
        let c41 = move |n: u32| n.wrapping_mul(43) ^ seed;
        let mut i41 = multiples(83);
        let c42 = move |n: u32| n.wrapping_mul(44) ^ seed;
        let mut i42 = multiples(85);
        let c43 = move |n: u32| n.wrapping_mul(45) ^ seed;
        let mut i43 = multiples(87);
        let c44 = move |n: u32| n.wrapping_mul(46) ^ seed;
        let mut i44 = multiples(89);
        let c45 = move |n: u32| n.wrapping_mul(47) ^ seed;
        let mut i45 = multiples(91);
        let c46 = move |n: u32| n.wrapping_mul(48) ^ seed;
        let mut i46 = multiples(93);
        let c47 = move |n: u32| n.wrapping_mul(49) ^ seed;
        let mut i47 = multiples(95);
        let c48 = move |n: u32| n.wrapping_mul(50) ^ seed;
        let mut i48 = multiples(97);
        let c49 = move |n: u32| n.wrapping_mul(51) ^ seed;
        let mut i49 = multiples(99);
        coop!();
        let mut sum = seed;
        sum = c0(sum).wrapping_add(i0.next().unwrap_or(0));
        sum = c1(sum).wrapping_add(i1.next().unwrap_or(0));
        sum = c2(sum).wrapping_add(i2.next().unwrap_or(0));
        sum = c3(sum).wrapping_add(i3.next().unwrap_or(0));
        sum = c4(sum).wrapping_add(i4.next().unwrap_or(0));
        sum = c5(sum).wrapping_add(i5.next().unwrap_or(0));
        sum = c6(sum).wrapping_add(i6.next().unwrap_or(0));
        sum = c7(sum).wrapping_add(i7.next().unwrap_or(0));
        sum = c8(sum).wrapping_add(i8.next().unwrap_or(0));
        sum = c9(sum).wrapping_add(i9.next().unwrap_or(0));
        coop!();
        log.note(sum);
        sum = c10(sum).wrapping_add(i10.next().unwrap_or(0));
        sum = c11(sum).wrapping_add(i11.next().unwrap_or(0));
        sum = c12(sum).wrapping_add(i12.next().unwrap_or(0));
        sum = c13(sum).wrapping_add(i13.next().unwrap_or(0));
        sum = c14(sum).wrapping_add(i14.next().unwrap_or(0));
        sum = c15(sum).wrapping_add(i15.next().unwrap_or(0));
        sum = c16(sum).wrapping_add(i16.next().unwrap_or(0));
        sum = c17(sum).wrapping_add(i17.next().unwrap_or(0));
        sum = c18(sum).wrapping_add(i18.next().unwrap_or(0));
        sum = c19(sum).wrapping_add(i19.next().unwrap_or(0));
        coop!();
        log.note(sum);
        sum = c20(sum).wrapping_add(i20.next().unwrap_or(0));
        sum = c21(sum).wrapping_add(i21.next().unwrap_or(0));
        sum = c22(sum).wrapping_add(i22.next().unwrap_or(0));
        sum = c23(sum).wrapping_add(i23.next().unwrap_or(0));
        sum = c24(sum).wrapping_add(i24.next().unwrap_or(0));
        sum = c25(sum).wrapping_add(i25.next().unwrap_or(0));
        sum = c26(sum).wrapping_add(i26.next().unwrap_or(0));
        sum = c27(sum).wrapping_add(i27.next().unwrap_or(0));
        sum = c28(sum).wrapping_add(i28.next().unwrap_or(0));
        sum = c29(sum).wrapping_add(i29.next().unwrap_or(0));
        coop!();
        log.note(sum);
        sum = c30(sum).wrapping_add(i30.next().unwrap_or(0));
        sum = c31(sum).wrapping_add(i31.next().unwrap_or(0));
        sum = c32(sum).wrapping_add(i32.next().unwrap_or(0));
        sum = c33(sum).wrapping_add(i33.next().unwrap_or(0));
        sum = c34(sum).wrapping_add(i34.next().unwrap_or(0));
        sum = c35(sum).wrapping_add(i35.next().unwrap_or(0));
        sum = c36(sum).wrapping_add(i36.next().unwrap_or(0));
        sum = c37(sum).wrapping_add(i37.next().unwrap_or(0));
        sum = c38(sum).wrapping_add(i38.next().unwrap_or(0));
        sum = c39(sum).wrapping_add(i39.next().unwrap_or(0));
        coop!();
        log.note(sum);
        sum = c40(sum).wrapping_add(i40.next().unwrap_or(0));
        sum = c41(sum).wrapping_add(i41.next().unwrap_or(0));
        sum = c42(sum).wrapping_add(i42.next().unwrap_or(0));
        sum = c43(sum).wrapping_add(i43.next().unwrap_or(0));
        sum = c44(sum).wrapping_add(i44.next().unwrap_or(0));
        sum = c45(sum).wrapping_add(i45.next().unwrap_or(0));
        sum = c46(sum).wrapping_add(i46.next().unwrap_or(0));
        sum = c47(sum).wrapping_add(i47.next().unwrap_or(0));
        sum = c48(sum).wrapping_add(i48.next().unwrap_or(0));
        sum = c49(sum).wrapping_add(i49.next().unwrap_or(0));
        coop!();
        log.note(sum);
        sum = c0(sum) ^ i0.next().unwrap_or(0);
        sum = c7(sum) ^ i7.next().unwrap_or(0);
        sum = c14(sum) ^ i14.next().unwrap_or(0);
        sum = c21(sum) ^ i21.next().unwrap_or(0);
        sum = c28(sum) ^ i28.next().unwrap_or(0);
        sum = c35(sum) ^ i35.next().unwrap_or(0);
        sum = c42(sum) ^ i42.next().unwrap_or(0);
        sum = c49(sum) ^ i49.next().unwrap_or(0);
        coop!();
        sum
    }

    #[cps]
    fn nested(log: &Log, seed: u32) -> u32 {
        let first = move |n: u32| n + seed;
        coop!();
        let second = move |n: u32| first(n) * first(n);
        let guard = log.tracked("guard");
        coop!();
        let third = move || {
            guard.touch();
            (0..3).map(second).collect::<Vec<_>>()
        };
        coop!();
        let all = third();
        let fourth = all.iter().map(|n| n + 1).sum::<u32>();
        coop!();
        log.note(fourth);
        first(fourth) + third().len() as u32
    }
}

/// An iterator that only its function can name.
fn multiples(of: u32) -> impl Iterator<Item = u32> + Send {
    (1..).map(move |n| n * of).filter(|n| n % 2 == 1)
}

#[test]
fn a_hundred_closures_and_iterators() {
    assert_same!(|log| hundred(log, 3));
}

#[test]
fn closures_of_closures() {
    assert_same!(|log| nested(log, 2));
}
