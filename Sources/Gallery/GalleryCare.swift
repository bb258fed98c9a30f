import GalleryModel

/// What takes care of a storage on this machine: files to check, to repair and to save.
///
/// A storage on another machine takes care of itself and conforms to none of this. Safe from any thread.
protocol GalleryCare: Sendable {
    /// Counts and sizes.
    func statistics() throws(StoreError) -> GalleryStatistics

    /// Whether what is derived agrees with what is stored, and both with their checksums.
    func check() throws(StoreError) -> CheckReport

    /// Rebuilds everything that is derived from the stored records, such as the index.
    func repair() throws(StoreError)

    /// Trains and saves the index, so that the next process opens quickly; called when a job is done.
    func settle() throws(StoreError)

    /// Brings the index up to date and saves it in the background; called now and then by long jobs.
    func keepPace()

    /// Saves what can be saved without training; called by a job that is asked to stop.
    func part() throws(StoreError) -> Parting

    /// Waits until an index that was trained or updated for an answer is saved; called before a process ends.
    func share()

    /// Writes an index file of the templates that `faiss.read_index` opens, with reference ids as labels.
    func exportFaiss(to path: String) throws(StoreError)
}
