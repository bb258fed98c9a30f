import FaceImage
import GalleryModel
import Network
import VectorIndex

/// Runs a call of a part, with the part's error carried in the engine's.
func wrap<Result>(_ call: () throws(PhotoError) -> Result) throws(GalleryError) -> Result {
    do { return try call() } catch { throw .photo(error) }
}

func wrap<Result>(_ call: () throws(DetectorError) -> Result) throws(GalleryError) -> Result {
    do { return try call() } catch { throw .detector(error) }
}

func wrap<Result>(_ call: () throws(NetworkError) -> Result) throws(GalleryError) -> Result {
    do { return try call() } catch { throw .network(error) }
}

func wrap<Result>(_ call: () throws(StoreError) -> Result) throws(GalleryError) -> Result {
    do { return try call() } catch { throw .store(error) }
}

/// Runs a call of the index, with its error as the storage's.
func searching<Result>(_ call: () throws(IndexError) -> Result) throws(StoreError) -> Result {
    do { return try call() } catch { throw StoreError(error) }
}

/// Runs a call that meets errors of store and index, with all of them as the storage's.
func inStorage<Result>(_ call: () throws -> Result) throws(StoreError) -> Result {
    do {
        return try call()
    } catch let error as StoreError {
        throw error
    } catch let error as IndexError {
        throw StoreError(error)
    } catch {
        throw .io(path: "the gallery", doing: "reading", reason: "\(error)")
    }
}

extension StoreError {
    /// The error of an index, which a storage has beside its records.
    init(_ error: IndexError) {
        switch error {
        case .cancelled: self = .cancelled
        default: self = .search(problem: error.description, kind: Kind(error.kind))
        }
    }
}

extension StoreError.Kind {
    init(_ kind: IndexError.Kind) {
        self =
            switch kind {
            case .badData: .badData
            case .cannotWrite: .cannotWrite
            case .io: .io
            case .usage: .usage
            }
    }
}
