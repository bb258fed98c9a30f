import Foundation
import PackagePlugin

/// Has the commit written that is built, before each build; what says the same as before is not compiled again.
///
/// The package's manifest could say the commit, but SwiftPM keeps what a manifest said until its text changes.
@main
struct WriteCommit: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let folder = context.pluginWorkDirectoryURL
        let script = context.package.directoryURL.appending(path: "setup/write-commit.sh")
        return [
            .prebuildCommand(
                displayName: "Writing the commit", executable: URL(fileURLWithPath: "/bin/sh"),
                arguments: [script.path(percentEncoded: false), folder.path(percentEncoded: false)],
                outputFilesDirectory: folder)
        ]
    }
}
