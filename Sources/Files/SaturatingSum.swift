extension Sequence<Int> {
    /// The sum of sizes that the system or a file tells, none below 0; the largest number where it would be larger.
    ///
    /// Files may have holes: two of them can claim more bytes than a number has.
    package var saturatingSum: Int {
        reduce(0) { sum, size in
            let (more, overflow) = sum.addingReportingOverflow(size)
            return overflow ? .max : more
        }
    }
}
