// rustc -O --crate-type cdylib total.rs -o libtotal_rust.so

/// # Safety
/// `values` points to `count` numbers.
#[no_mangle]
pub unsafe extern "C" fn total(values: *const u32, count: usize) -> u64 {
    if count == 0 {
        return 0;
    }
    std::slice::from_raw_parts(values, count).iter().map(|&value| u64::from(value)).sum()
}
