"""The references: doxygen builds C's from the headers, DocC builds Swift's from the modules."""

import json
import subprocess
from pathlib import Path

MODULES = ("StreamPeerSocket", "StreamPeerSocketTesting", "StreamPeerSocketTestingTraits",
           "StreamPeerSocketTLS", "StreamPeerSocketGZIP")
# The folders of the C modules that Swift's own stand on.
C_MODULES = ("include", "Sources/CSocketSimulation/include", "Sources/SocketTLS/swiftpm/include",
             "Sources/SocketGZIP/swiftpm/include")


def doxyfile(root, folder, *more):
    """The configuration for `doxygen -`, with the output in a folder."""
    text = (Path(root) / "docs" / "Doxyfile").read_text()
    return "\n".join([text, f"OUTPUT_DIRECTORY = {folder}", *more, ""])


def module_maps(root):
    """The options with which Swift finds the C modules."""
    return [option for folder in C_MODULES
            for option in ("-Xcc", f"-fmodule-map-file={root}/{folder}/module.modulemap")]


def symbol_graph_command(root, module, modules, folder):
    """Writes the public symbols of a module that SwiftPM has built into the folder `modules`."""
    target = json.loads(subprocess.run(["swiftc", "-print-target-info"], check=True,
                                       capture_output=True).stdout)["target"]["triple"]
    return ["swift-symbolgraph-extract", "-module-name", module, "-output-dir", str(folder),
            "-I", str(modules), "-Xcc", f"-I{root}/include", *module_maps(root),
            "-minimum-access-level", "public", "-skip-synthesized-members", "-target", target]


def docc_command(module, graphs, archive):
    """Runs in the project's folder."""
    return ["docc", "convert", f"Sources/{module}/{module}.docc", "--analyze",
            "--warnings-as-errors", "--additional-symbol-graph-dir", str(graphs),
            "--fallback-display-name", module,
            "--fallback-bundle-identifier", f"streampeersocket.{module}",
            "--output-dir", str(archive)]


def build(root, folder, version, run):
    """Builds both into a folder: c/html, c/man, and swift/….doccarchive."""
    scratch = folder.parent / "swift"
    made = {name: folder / name for name in ("c", "swift")}
    for path in made.values():
        path.mkdir(parents=True)
    config = folder.parent / "Doxyfile"
    config.write_text(doxyfile(root, made["c"], f"PROJECT_NUMBER = {version}"))
    run("doxygen", config, cwd=root)
    run("swift", "build", "--scratch-path", scratch, cwd=root)
    for module in MODULES:
        graphs = scratch / "graphs" / module
        graphs.mkdir(parents=True)
        run(*symbol_graph_command(root, module, scratch / "debug" / "Modules", graphs), cwd=root)
        run(*docc_command(module, graphs, made["swift"] / f"{module}.doccarchive"), cwd=root)
