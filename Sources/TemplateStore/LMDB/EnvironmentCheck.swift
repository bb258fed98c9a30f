package import GalleryModel

/// What is wrong with an LMDB environment, read before anything maps it; nil if nothing is.
///
/// Every page in use is visited with plain reads: O(pages of keys + values on pages of their own). No other
/// process may write meanwhile.
///
/// - Throws: what keeps the file from being read; `notAGallery` if there is none.
package func faultOfEnvironment(inDirectory path: String) throws(StoreError) -> String? {
    do throws(StoreError) {
        let file = try DataFile(inDirectory: path)
        return try PageWalk(file, file.meta(), .untilFault).problems.first
    } catch {
        guard case .damaged(_, let reason) = error else { throw error }
        return reason
    }
}
