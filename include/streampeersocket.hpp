/* SPDX-License-Identifier: MIT */
/**
 * @file streampeersocket.hpp
 * The C library as C++17 classes with Godot's names and signatures. Header-only; needs neither
 * exceptions nor RTTI, and throws nothing of its own (a std::string or std::vector that finds
 * no memory does what the program's operator new does; the C calls need none of them).
 *
 * A header of this folder for each subject (streampeersocket/tcp.hpp, …) has the classes; this one has all.
 * Each member is one call of the C function that its comment names, and the contract, with
 * every code, stands in the C header of the same name (streampeersocket/tcp.h, …). What is the same for all:
 *
 * - Where Godot answers nothing (put_u8, set_no_delay) the Error is returned; it may be
 * ignored.
 * - Where Godot answers a value (get_u8, get_status), it is 0, empty, false or NONE when the
 *   call fails, and get_last_error() tells why; try_get_… answers std::nullopt.
 * - Counts and milliseconds are int, as in Godot; a negative one is ERR_INVALID_PARAMETER, and
 *   nothing changes.
 * - An object owns its handle, and can be moved, but not copied. One that could not be made
 *   (get_last_error() tells why: mostly ERR_OUT_OF_MEMORY), or that was moved from, has a NULL
 *   handle, and every call on it answers ERR_INVALID_PARAMETER.
 * - One thread at a time uses an object, also for the const members. The exceptions are an IP,
 *   and SocketPoller::wake().
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
