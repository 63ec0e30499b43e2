/* SPDX-License-Identifier: MIT */
/**
 * @file end.hpp
 * What each C++ header ends with: the macros that begin.hpp has set aside are back. Nothing here is to be included by
 * itself.
 */

#pragma pop_macro("ANY")
#pragma pop_macro("ARRAY")
#pragma pop_macro("Always")
#pragma pop_macro("BOOL")
#pragma pop_macro("Bool")
#pragma pop_macro("CLASS")
#pragma pop_macro("COLOR")
#pragma pop_macro("DELETE")
#pragma pop_macro("ERR")
#pragma pop_macro("ERROR")
#pragma pop_macro("FAILED")
#pragma pop_macro("FLOAT")
#pragma pop_macro("False")
#pragma pop_macro("IN")
#pragma pop_macro("INT")
#pragma pop_macro("IP")
#pragma pop_macro("NIL")
#pragma pop_macro("None")
#pragma pop_macro("OBJECT")
#pragma pop_macro("OK")
#pragma pop_macro("OUT")
#pragma pop_macro("SCRIPT")
#pragma pop_macro("SIGNAL")
#pragma pop_macro("STRING")
#pragma pop_macro("Status")
#pragma pop_macro("Success")
#pragma pop_macro("True")
#pragma pop_macro("abs")
#pragma pop_macro("bit")
#pragma pop_macro("box")
#pragma pop_macro("check")
#pragma pop_macro("clear")
#pragma pop_macro("erase")
#pragma pop_macro("far")
#pragma pop_macro("index")
#pragma pop_macro("interface")
#pragma pop_macro("max")
#pragma pop_macro("min")
#pragma pop_macro("move")
#pragma pop_macro("near")
#pragma pop_macro("round")
#pragma pop_macro("small")
#pragma pop_macro("verify")

// With curses.h's OK nobody could write sps::OK. So OK is no macro any more behind error.hpp, but the enumerator, which is
// 0 as well.
#if defined(OK) && defined(STREAMPEERSOCKET_ERROR_HPP)
#if !defined(STREAMPEERSOCKET_IS_BEFORE_CPP17) && (OK) == 0
static_assert((OK) == 0, "OK is 0 in curses.h, and here");
#undef OK
using sps::OK;
#endif
#endif
