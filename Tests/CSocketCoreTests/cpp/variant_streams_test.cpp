// SPDX-License-Identifier: MIT
//
// sps::Variant, lines and raw text over a stream.
#include <algorithm>
#include <cstring>
#include <malloc.h>
#include <optional>
#include <string>

#include "support/cpp_support.hpp"
#include "support/cpp_variants.hpp"

namespace {

using sps::Object;
using sps::Variant;

struct AnyConnection {
    pair streams;
    sps::StreamPeer client, peer;

    explicit AnyConnection(int p_transport)
        : streams(connect_pair(static_cast<transport>(p_transport))),
          client(sps::Adopt{streams.client}), peer(sps::Adopt{streams.peer}) {}
    ~AnyConnection() { sps_server_destroy(streams.server); }
};

START_TEST(values_go_over_a_stream) {
    AnyConnection c(_i);
    ck_assert(!c.peer.try_get_var());
    IS(c.peer.get_last_error(), sps::ERR_BUSY);
    for (const bool big : {false, true}) {
        c.client.set_big_endian(big);
        c.peer.set_big_endian(big);
        for (const Row &row : load_rows()) {
            const Variant value = decode(row.bytes).value;
            OK(c.client.put_var(value));
            ck_assert(c.peer.get_var() == value);
            OK(c.peer.get_last_error());
            OK(c.client.put_var(value));
            ck_assert_uint_eq(c.peer.get_u32(), row.bytes.size());
            ck_assert(c.peer.get_data(static_cast<int>(row.bytes.size())).second == row.bytes);
            OK(c.peer.put_var(value));
            std::optional<Variant> got;
            WAIT_UNTIL((got = c.client.try_get_var()).has_value());
            ck_assert(*got == value);
        }
    }
}
END_TEST

START_TEST(an_invalid_value_is_consumed) {
    AnyConnection c(_i);
    const Variant object = Object("Player", {});
    OK(c.client.put_u32(4));
    OK(c.client.put_u32(99));
    IS(c.client.put_var(object), sps::ERR_UNAUTHORIZED); // nothing is put
    for (int i = 0; i < 3; i++) {
        OK(c.client.put_var(object, true));
    }
    OK(c.client.put_var(nullptr));
    OK(c.client.put_var("next"));
    ck_assert(c.peer.get_var().is_nil());
    IS(c.peer.get_last_error(), sps::ERR_INVALID_DATA);
    ck_assert(c.peer.get_var().is_nil());
    IS(c.peer.get_last_error(), sps::ERR_UNAUTHORIZED);
    ck_assert(!c.peer.try_get_var());
    IS(c.peer.get_last_error(), sps::ERR_UNAUTHORIZED);
    ck_assert(c.peer.get_var(true) == object);
    ck_assert(c.peer.get_var().is_nil());
    OK(c.peer.get_last_error());
    ck_assert(c.peer.try_get_var(true) == Variant("next"));
}
END_TEST

START_TEST(an_invalid_variant_is_not_written) {
    AnyConnection c(_i);
    IS(c.client.put_var(nested(0, 1025)), sps::ERR_PARAMETER_RANGE_ERROR);
    IS(c.client.get_last_error(), sps::ERR_PARAMETER_RANGE_ERROR);
    IS(c.client.put_var("\xff"), sps::ERR_INVALID_PARAMETER);
    OK(c.client.put_var(1));
    ck_assert(c.peer.get_var() == 1);
    sps::StreamPeer none(sps::Adopt{nullptr});
    IS(none.put_var(1), sps::ERR_INVALID_PARAMETER);
    ck_assert(none.get_var().is_nil() && !none.try_get_var());
    IS(none.get_last_error(), sps::ERR_INVALID_PARAMETER);
}
END_TEST

START_TEST(lines_and_raw_text) {
    AnyConnection c(_i);
    ck_assert(!c.peer.try_get_line());
    IS(c.peer.get_last_error(), sps::ERR_BUSY);
    OK(c.client.put_text("one\r\ntwo: h\u00e9\nkey: value\r\n\r\nrest;more;"));
    ck_assert(c.peer.get_line() == "one" && c.peer.get_line() == "two: h\u00e9");
    ck_assert(c.peer.get_until("\r\n\r\n") == "key: value");
    ck_assert(c.peer.get_until(";", 3).empty());
    IS(c.peer.get_last_error(), sps::ERR_INVALID_DATA);
    ck_assert(c.peer.get_until(";", 4) == "rest" && c.peer.try_get_until(";") == "more");
    ck_assert(!c.peer.try_get_until(";"));
    IS(c.peer.get_last_error(), sps::ERR_BUSY);
    OK(c.client.put_text("last\n"));
    std::optional<std::string> line;
    WAIT_UNTIL((line = c.peer.try_get_line(4)).has_value());
    ck_assert(line == "last");
}
END_TEST

START_TEST(a_missing_line_is_an_error) {
    AnyConnection c(_i);
    IS(c.client.put_text("\xff"), sps::ERR_INVALID_PARAMETER);
    ck_assert(c.peer.get_line(-1).empty() && !c.peer.try_get_line(-1));
    IS(c.peer.get_last_error(), sps::ERR_INVALID_PARAMETER);
    ck_assert(c.peer.get_until("").empty() && !c.peer.try_get_until("x", -1));
    IS(c.peer.get_last_error(), sps::ERR_INVALID_PARAMETER);
    const uint8_t bad[] = {255, '\n'};
    OK(c.client.put_data(bad, 2));
    ck_assert(c.peer.get_line().empty());
    IS(c.peer.get_last_error(), sps::ERR_INVALID_DATA);
    ck_assert(c.peer.get_until("\n") == "\xff"); // as bytes
    OK(c.client.put_text("no end"));
    ck_assert_int_eq(c.peer.get_until("e").size(), 3);
    ck_assert(!c.peer.try_get_line(1));
    IS(c.peer.get_last_error(), sps::ERR_INVALID_DATA);
}
END_TEST

} // namespace

extern "C" Suite *cpp_variant_streams_suite() {
    Suite *suite = suite_create("cpp_variant_streams");
    TCase *all = add_case(suite, "all");
    tcase_add_loop_test(all, values_go_over_a_stream, 0, TRANSPORTS);
    tcase_add_loop_test(all, an_invalid_value_is_consumed, 0, TRANSPORTS);
    tcase_add_loop_test(all, an_invalid_variant_is_not_written, 0, TRANSPORTS);
    tcase_add_loop_test(all, lines_and_raw_text, 0, TRANSPORTS);
    tcase_add_loop_test(all, a_missing_line_is_an_error, 0, TRANSPORTS);
    return suite;
}
