import Files
import Synchronization

/// Who may do what: the keys of a server, read again when their file changes.
///
/// Safe from any thread.
final class KeyRing: Sendable {
    /// What a request may do.
    enum Verdict: Equatable {
        /// It may do this; nil is a server without keys, which only this machine reaches.
        case allowed(key: String?)
        /// It has no key, or one that is not or no longer good.
        case unknown
        /// Its key is good for less, or for other galleries.
        case forbidden(key: String)
    }

    private struct State {
        /// nil where there is no file, and none was there before.
        var keys: [String: AccessKey]?
        var stamp: [Int] = []
        var looked = ContinuousClock.now
    }

    /// Seconds after which a change of the file is noticed without a signal.
    private static let patience = Duration.seconds(1)

    private let file: KeyFile
    private let state = Mutex(State())

    /// Reads the keys.
    ///
    /// - Throws: where there is a file that cannot be used.
    init(_ file: KeyFile) throws(KeyError) {
        self.file = file
        let keys = try file.read()
        let stamp = KeyFile.stamp(of: file.path)
        state.withLock {
            $0.keys = keys.map(Self.byID)
            $0.stamp = stamp
        }
    }

    /// Whether there are keys; without, every request may do everything.
    var hasKeys: Bool { state.withLock { $0.keys != nil } }

    /// Reads the file again.
    func refresh() { state.withLock { refresh(&$0) } }

    /// What a request may do, by the key that it gives.
    func judge(_ given: String?, _ role: Role, gallery: String?) -> Verdict {
        let now = ContinuousClock.now
        let keys = state.withLock { state in
            if now - state.looked > Self.patience, KeyFile.stamp(of: file.path) != state.stamp {
                refresh(&state)
            }
            if now - state.looked > Self.patience { state.looked = now }
            return state.keys
        }
        guard let keys else { return .allowed(key: nil) }
        guard let given, let id = AccessKey.id(in: given), let key = keys[id], key.isKey(given),
            key.covers(nil, now: KeyFile.now)
        else { return .unknown }
        guard key.role >= role, key.covers(gallery, now: KeyFile.now) else { return .forbidden(key: id) }
        return .allowed(key: id)
    }

    private func refresh(_ state: inout State) {
        state.looked = .now
        state.stamp = KeyFile.stamp(of: file.path)
        // A file that is gone, or damaged, lets nobody in: keys that were there once are not forgotten by accident.
        let keys = (try? file.read()) ?? nil
        if keys == nil, state.keys == nil, (try? FileStatus.of(file.path)) == .some(nil) { return }
        state.keys = Self.byID(keys ?? [])
    }

    private static func byID(_ keys: [AccessKey]) -> [String: AccessKey] {
        Dictionary(keys.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    }
}
