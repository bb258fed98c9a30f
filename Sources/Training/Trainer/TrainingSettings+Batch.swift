extension TrainingSettings {
    /// The largest batch, up to the one that is asked for, that people fill with different photos.
    ///
    /// - Parameters:
    ///   - photos: how many each person has.
    ///   - shrinkingPeople: whether it may have fewer people than are asked for.
    ///   - shrinkingPhotos: whether it may have fewer photos of each, where people alone do not help.
    /// - Returns: nil if no batch can be filled.
    func batch(
        filledBy photos: [Int], shrinkingPeople: Bool, shrinkingPhotos: Bool
    ) -> (people: Int, photos: Int)? {
        for each in stride(from: photosPerPerson, through: shrinkingPhotos ? 2 : photosPerPerson, by: -1) {
            let available = photos.reduce(0) { $0 + (loss == .arcFace ? $1 : min($1, each)) }
            let people = min(peoplePerBatch, available / each)
            if people == peoplePerBatch || (shrinkingPeople && people >= 2) { return (people, each) }
        }
        return nil
    }

    /// Makes the batch one that people fill, as far as the job allows.
    ///
    /// - Parameter photos: how many each person has.
    /// - Throws: `batchTooLarge`.
    mutating func fitBatch(
        to photos: [Int], _ job: TrainingJob, _ progress: (TrainingEvent) -> Void
    ) throws(TrainingError) {
        guard
            let size = batch(
                filledBy: photos, shrinkingPeople: job.shrinksPeoplePerBatch,
                shrinkingPhotos: job.shrinksPhotosPerPerson)
        else {
            let available = photos.reduce(0) { $0 + (loss == .arcFace ? $1 : min($1, photosPerPerson)) }
            throw .batchTooLarge(places: batchSize, available: available)
        }
        guard size != (peoplePerBatch, photosPerPerson) else { return }
        let before = "\(peoplePerBatch) × \(photosPerPerson)"
        (peoplePerBatch, photosPerPerson) = size
        progress(
            .notice(
                "a batch is \(size.people) people × \(size.photos) photos, not \(before): "
                    + "\(photos.count) people have no more photos"))
    }
}
