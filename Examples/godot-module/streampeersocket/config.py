# SPDX-License-Identifier: MIT
def can_build(env, platform):
    return platform in ("linuxbsd", "macos", "windows")


def get_opts(platform):
    from SCons.Variables import PathVariable

    return [
        PathVariable("streampeersocket_prefix", "Where cmake --install put the library",
                     "/usr/local", PathVariable.PathIsDir),
    ]


def configure(env):
    prefix = env["streampeersocket_prefix"]
    env.Append(LIBPATH=[prefix + "/lib"], LIBS=["streampeersocket"])
    if env["platform"] == "linuxbsd":
        # The engine looks for the library beside itself.
        env.Append(LINKFLAGS=["-Wl,-rpath,'$$ORIGIN'"])
