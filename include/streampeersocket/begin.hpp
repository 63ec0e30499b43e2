/* SPDX-License-Identifier: MIT */
/**
 * @file begin.hpp
 * What each C++ header begins with; end.hpp ends it. It asks for C++17, and sets aside the macros of other libraries that are
 * words here or in the standard library. Nothing here is to be included by itself.
 *
 * Xlib.h has Status, curses.h has OK, arpa/telnet.h has IP, Arduino.h has min, max, abs and round. In the program they
 * are what they were again behind each header. (Of OK end.hpp tells.)
 */

#if __cplusplus < 201703L && !(defined(_MSVC_LANG) && _MSVC_LANG >= 201703L)
#ifndef STREAMPEERSOCKET_IS_BEFORE_CPP17
#define STREAMPEERSOCKET_IS_BEFORE_CPP17
#error "The C++ headers of StreamPeerSocket need C++17: compile with -std=c++17 or later."
#endif
#endif

#pragma push_macro("ANY")
#pragma push_macro("ARRAY")
#pragma push_macro("Always")
#pragma push_macro("BOOL")
#pragma push_macro("Bool")
#pragma push_macro("CLASS")
#pragma push_macro("COLOR")
#pragma push_macro("DELETE")
#pragma push_macro("ERR")
#pragma push_macro("ERROR")
#pragma push_macro("FAILED")
#pragma push_macro("FLOAT")
#pragma push_macro("False")
#pragma push_macro("IN")
#pragma push_macro("INT")
#pragma push_macro("IP")
#pragma push_macro("NIL")
#pragma push_macro("None")
#pragma push_macro("OBJECT")
#pragma push_macro("OK")
#pragma push_macro("OUT")
#pragma push_macro("SCRIPT")
#pragma push_macro("SIGNAL")
#pragma push_macro("STRING")
#pragma push_macro("Status")
#pragma push_macro("Success")
#pragma push_macro("True")
#pragma push_macro("abs")
#pragma push_macro("bit")
#pragma push_macro("box")
#pragma push_macro("check")
#pragma push_macro("clear")
#pragma push_macro("erase")
#pragma push_macro("far")
#pragma push_macro("index")
#pragma push_macro("interface")
#pragma push_macro("max")
#pragma push_macro("min")
#pragma push_macro("move")
#pragma push_macro("near")
#pragma push_macro("round")
#pragma push_macro("small")
#pragma push_macro("verify")

#undef ANY
#undef ARRAY
#undef Always
#undef BOOL
#undef Bool
#undef CLASS
#undef COLOR
#undef DELETE
#undef ERR
#undef ERROR
#undef FAILED
#undef FLOAT
#undef False
#undef IN
#undef INT
#undef IP
#undef NIL
#undef None
#undef OBJECT
#undef OK
#undef OUT
#undef SCRIPT
#undef SIGNAL
#undef STRING
#undef Status
#undef Success
#undef True
#undef abs
#undef bit
#undef box
#undef check
#undef clear
#undef erase
#undef far
#undef index
#undef interface
#undef max
#undef min
#undef move
#undef near
#undef round
#undef small
#undef verify
