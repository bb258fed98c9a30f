import FaceImage
import Network
import TemplateStore
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

func wrap<Result>(_ call: () throws(IndexError) -> Result) throws(GalleryError) -> Result {
    do { return try call() } catch { throw .index(error) }
}

/// The same for calls that meet errors of several parts.
func wrapAll<Result>(_ call: () throws -> Result) throws(GalleryError) -> Result {
    do {
        return try call()
    } catch let error as GalleryError {
        throw error
    } catch let error as StoreError {
        throw .store(error)
    } catch let error as IndexError {
        throw .index(error)
    } catch {
        throw .store(.io(path: "the gallery", doing: "reading", reason: "\(error)"))
    }
}
