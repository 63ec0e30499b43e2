/* SPDX-License-Identifier: MIT */
/**
 * @file streampeersocket.hpp
 * The C library as C++17 classes with Godot's names and signatures. Header-only. It needs neither
 * exceptions nor RTTI, and throws no exceptions of its own. If a std::string or std::vector finds
 * no memory, the program's operator new decides what happens. The C library never calls it.
 *
 * Each header in the folder (streampeersocket/tcp.hpp, …) has the classes of one subject. This
 * header includes them all. Each member calls the C function that its comment names. The C header
 * of the same name (streampeersocket/tcp.h, …) has the contract with every code. These rules hold
 * for all members:
 *
 * - If Godot's method returns nothing (put_u8, set_no_delay), the member returns the Error. The
 *   caller may ignore it.
 * - If Godot's method returns a value (get_u8, get_status), it is 0, empty, false or NONE on
 *   failure. get_last_error() returns the code. try_get_… returns std::nullopt.
 * - Counts and milliseconds are int, as in Godot. A negative one returns ERR_INVALID_PARAMETER, and
 *   nothing changes.
 * - An object owns its handle, and can be moved but not copied. Its handle is NULL after a move, or
 *   if its creation failed. get_last_error() returns the reason, mostly ERR_OUT_OF_MEMORY. Every
 *   call on such an object returns ERR_INVALID_PARAMETER.
 * - One thread at a time uses an object, also its const members. The exceptions are an IP, and
 *   SocketPoller::wake().
 */
#ifndef STREAMPEERSOCKET_HPP
#define STREAMPEERSOCKET_HPP

#include "streampeersocket/begin.inc"

#ifndef STREAMPEERSOCKET_IS_BEFORE_CPP17

#include "streampeersocket/buffer.hpp"
#include "streampeersocket/custom.hpp"
#include "streampeersocket/error.hpp"
#include "streampeersocket/ip.hpp"
#include "streampeersocket/packet.hpp"
#include "streampeersocket/poller.hpp"
#include "streampeersocket/ref.hpp"
#include "streampeersocket/server.hpp"
#include "streampeersocket/socket.hpp"
#include "streampeersocket/stream.hpp"
#include "streampeersocket/streampeersocket.h"
#include "streampeersocket/tcp.hpp"
#include "streampeersocket/uds.hpp"
#include "streampeersocket/variant.hpp"

#endif

#include "streampeersocket/end.inc"

#endif
