import Concurrency
package import FaceImage
package import Files
import Synchronization

/// Draws photos on threads of its own, and writes the copies into a folder.
///
/// Photos are decoded anew, so that none waits in memory. `add` waits while the threads are behind.
public final class PhotoDrawer: Sendable {
    private let folder: OpenFolder
    private let limits: DecodeLimits
    private let queue = BoundedQueue<IdentifiedPhoto>(capacity: 8)
    private let state = Mutex((names: Set<String>(), failures: [String](), drawn: 0))

    /// A drawer into a folder; `threads` are begun by `run`.
    package init(into folder: OpenFolder, limits: DecodeLimits) {
        (self.folder, self.limits) = (folder, limits)
    }

    /// Runs `body`, which adds photos, and draws them meanwhile.
    ///
    /// - Returns: how many copies were written, and a line for each that was not.
    /// - Throws: `ThreadError` where no thread can be made; what `body` throws.
    package func run(threads count: Int, _ body: () throws -> Void) throws -> (drawn: Int, failures: [String]) {
        var threads = try Threads(count) { [self] in
            while true {
                switch queue.take(within: 60) {
                case .next(let photo): draw(photo)
                case .nothingYet: continue
                case .ended: return
                }
            }
        }
        do {
            try body()
            queue.end()
            threads.join()
        } catch {
            queue.abandon()
            queue.end()
            threads.join()
            throw error
        }
        return state.withLock { ($0.drawn, $0.failures) }
    }

    /// Has a photo drawn.
    package func add(_ photo: IdentifiedPhoto) { _ = queue.put(photo) }

    private func draw(_ identified: IdentifiedPhoto) {
        let path = identified.path
        do {
            // Standard input cannot be read twice.
            guard path != "-" else { return }
            let photo = try Photo(.path(path), limits: limits)
            guard let jpeg = DrawnPhoto(photo, identified).jpeg(named: path) else {
                return fail("\(path): the copy cannot be made as JPEG")
            }
            try ScratchFile.replace(name(for: path), in: folder, with: jpeg)
            state.withLock { $0.drawn += 1 }
        } catch { fail("\(path): no copy was drawn: \(error)") }
    }

    private func fail(_ line: String) { state.withLock { $0.failures.append(line) } }

    /// A name that no other copy has: `party.jpg`, `party.heic.jpg`, `party.jpg (2).jpg`.
    private func name(for path: String) -> String {
        let last = path.split(separator: "/").last.map(String.init) ?? "photo"
        let ending = last.split(separator: ".").last?.lowercased() ?? ""
        let plain = ending == "jpg" || ending == "jpeg" ? last : last + ".jpg"
        return state.withLock { state in
            var name = plain
            var number = 1
            while !state.names.insert(name.lowercased()).inserted {
                number += 1
                name = "\(last) (\(number)).jpg"
            }
            return name
        }
    }
}
