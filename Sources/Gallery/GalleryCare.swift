import GalleryModel

/// What takes care of a storage on this machine: files to check, to repair and to save.
///
/// A storage on another machine takes care of itself and conforms to none of this. Safe from any thread.
protocol GalleryCare: Sendable {
    /// Counts and sizes.
    func statistics() throws(StoreError) -> GalleryStatistics

    /// Whether what is derived agrees with what is stored, and both with their checksums.
    func check() throws(StoreError) -> CheckReport

    /// Makes everything that is derived anew, from what is stored.
    func repair() throws(StoreError)

    /// Leaves what the next process needs to open quickly; called when a job is done.
    func settle() throws(StoreError)

    /// Takes in what was enrolled, and saves it beside the work where it is much; called now and then by long jobs.
    func keepPace()

    /// Saves what can be saved without a training; called by a job that is told to end.
    func part() throws(StoreError) -> Parting

    /// Waits until what was trained or taken in for an answer is saved for others; called before a process ends.
    func share()

    /// Writes an index file of the templates that `faiss.read_index` opens, with reference ids as labels.
    func exportFaiss(to path: String) throws(StoreError)
}
