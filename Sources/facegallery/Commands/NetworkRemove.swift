import ArgumentParsing
import Files
import Gallery
import Network
import Wire

/// Deletes a network of the cache.
func removeNetwork(_ name: String, force: Bool, _ console: Console) throws {
    let cache = ModelCache.standard
    guard !name.contains("/") else {
        throw UsageError(
            "remove deletes networks of the cache, by name; delete this folder yourself: \(name)",
            command: "network")
    }
    guard !name.isEmpty, !name.hasPrefix(".") else {
        throw UsageError("'\(name)' cannot be the name of a network", command: "network")
    }
    if ModelCache.fetchedNetworks.contains(name), !force {
        let again = "facegallery setup" + (name == ModelCache.defaultNetwork ? "" : " \(name)")
        throw UsageError(
            "\(name) was fetched by the set-up, and galleries have no copy of it: they need it to take photos. "
                + "'\(again)' fetches it again; --force removes it nevertheless", command: "network")
    }
    let directory = cache.ownDirectory(ofNetwork: name)
    try NetworkDirectory.remove(directory)
    console.note("\(printable(directory)) removed")
    if !ModelCache.fetchedNetworks.contains(name) {
        console.note(
            "galleries that were created with it use their own copy; a gallery that an earlier version created with "
                + "the name \(printable(name)) takes no photos until the network is in the cache again")
    }
    if console.json { try console.print(json: NetworkRemovalRecord(name, in: directory)) }
}
