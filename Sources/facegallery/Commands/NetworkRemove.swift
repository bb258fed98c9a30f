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
            "remove is for networks of the cache, by their name; remove the folder yourself: \(name)",
            command: "network")
    }
    guard !name.isEmpty, !name.hasPrefix(".") else {
        throw UsageError("'\(name)' is no name of a network", command: "network")
    }
    if ModelCache.fetchedNetworks.contains(name), !force {
        let again = name == ModelCache.defaultNetwork ? "make setup" : "setup/fetch-models.sh \(name)"
        throw UsageError(
            "\(name) was fetched by the set-up, and galleries have no copy of it: they take no photos until "
                + "'\(again)' has fetched it again; --force removes it all the same", command: "network")
    }
    let directory = cache.directory(ofNetwork: name)
    try NetworkDirectory.remove(directory)
    console.note("\(printable(directory)) removed")
    if !ModelCache.fetchedNetworks.contains(name) {
        console.note(
            "galleries that were created with it go on with their own copy; one that an earlier version created by "
                + "the name \(printable(name)) takes no photos until the network is here again")
    }
    if console.json { try console.print(json: NetworkRemovalRecord(name, in: directory)) }
}
