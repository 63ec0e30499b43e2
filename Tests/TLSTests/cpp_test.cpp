// SPDX-License-Identifier: MIT
//
// TLS in C++: Godot's calls, ownership, and a poller.
#include <memory>
#include <string>
#include <utility>

#include <streampeersocket.hpp>
#include <streampeersocket/tls.hpp>

extern "C" {
#include "support/identities.h"
}
#include "support/cpp_support.hpp"

namespace {

using namespace sps;

// A connection over the loopback, each end in an owner of its own.
struct Ends {
    std::shared_ptr<StreamPeerTCP> client = std::make_shared<StreamPeerTCP>();
    std::shared_ptr<StreamPeerTCP> server;

    Ends() {
        TCPServer listener;
        ck_assert_int_eq(listener.listen(0, "127.0.0.1"), OK);
        ck_assert_int_eq(client->connect_to_host("127.0.0.1", listener.get_local_port()), OK);
        while (server == nullptr || client->get_status() == StreamPeerTCP::STATUS_CONNECTING) {
            client->poll();
            if (server == nullptr) {
                server = listener.take_connection();
            }
        }
    }
};

Ref<X509Certificate> certificate_of(const identity &of) {
    const char *text = nullptr;
    size_t bytes = 0;
    ck_assert_int_eq(sps_x509_certificate_save_to_string(of.certificate, &text, &bytes), SPS_OK);
    Ref<X509Certificate> certificate;
    certificate.instantiate();
    ck_assert_int_eq(certificate->load_from_string(std::string(text, bytes)), OK);
    return certificate;
}

Ref<CryptoKey> key_of(const identity &of) {
    const char *text = nullptr;
    size_t bytes = 0;
    ck_assert_int_eq(sps_crypto_key_save_to_string(of.key, false, &text, &bytes), SPS_OK);
    Ref<CryptoKey> key;
    key.instantiate();
    ck_assert_int_eq(key->load_from_string(std::string(text, bytes)), OK);
    return key;
}

Ref<TLSOptions> server_options() {
    return TLSOptions::server(key_of(game), certificate_of(game));
}

START_TEST(a_client_and_a_server_talk) {
    Ends ends;
    StreamPeerTLS client, server;
    ck_assert_int_eq(server.accept_stream(ends.server, server_options()), OK);
    ck_assert_int_eq(client.connect_to_stream(ends.client, "game.test",
                                              TLSOptions::client(certificate_of(authority))),
                     OK);
    ck_assert_int_eq(client.get_status(), StreamPeerTLS::STATUS_HANDSHAKING);
    while (client.get_status() == StreamPeerTLS::STATUS_HANDSHAKING ||
           server.get_status() == StreamPeerTLS::STATUS_HANDSHAKING) {
        client.poll();
        server.poll();
    }
    ck_assert_int_eq(client.get_status(), StreamPeerTLS::STATUS_CONNECTED);
    client.put_utf8_string("hello");
    ck_assert(server.get_utf8_string() == "hello");
    ck_assert_ptr_eq(client.get_stream().get(), ends.client.get());
    ck_assert_int_ge(client.get_info().version, SPS_TLS_VERSION_1_2);
    ck_assert_int_eq(client.get_peer_certificate()->get_count(), 1);
    ck_assert(server.get_peer_certificate().is_null());
    client.disconnect_from_stream();
    ck_assert_ptr_null(client.get_stream().get());
    while (server.get_status() == StreamPeerTLS::STATUS_CONNECTED) {
        server.poll();
    }
    ck_assert_int_eq(server.get_status(), StreamPeerTLS::STATUS_DISCONNECTED);
    ck_assert_int_eq(server.get_alert(), 0);
}
END_TEST

START_TEST(a_wrong_name_has_a_status_and_a_sentence) {
    Ends ends;
    StreamPeerTLS client, server;
    ck_assert_int_eq(server.accept_stream(*ends.server, server_options()), OK);
    ck_assert_int_eq(client.connect_to_stream(*ends.client, "wrong.test",
                                              TLSOptions::client(certificate_of(authority))),
                     OK);
    while (client.get_status() == StreamPeerTLS::STATUS_HANDSHAKING) {
        client.poll();
        server.poll();
    }
    ck_assert_int_eq(client.get_status(), StreamPeerTLS::STATUS_ERROR_HOSTNAME_MISMATCH);
    ck_assert_int_eq(client.get_failure(), SPS_TLS_FAILURE_WRONG_NAME);
    ck_assert_msg(client.get_message().find("wrong.test") != std::string::npos, "%s",
                  client.get_message().c_str());
}
END_TEST

// Options that could not be made are no default: the default would verify something else.
START_TEST(invalid_options_do_not_connect) {
    Ends ends;
    StreamPeerTLS client;
    const Ref<TLSOptions> none = TLSOptions::server(nullptr, nullptr);
    ck_assert_ptr_null(none->handle());
    ck_assert_int_eq(none->get_last_error(), ERR_INVALID_PARAMETER);
    ck_assert_int_eq(client.connect_to_stream(ends.client, "game.test", none),
                     ERR_INVALID_PARAMETER);
    ck_assert_int_eq(client.accept_stream(ends.client, none), ERR_INVALID_PARAMETER);
    const std::string cut("game.test\0.evil.test", 20);
    ck_assert_int_eq(client.connect_to_stream(ends.client, cut, TLSOptions::client_unsafe()),
                     ERR_INVALID_PARAMETER);
    ck_assert_ptr_null(TLSOptions::client(nullptr, cut)->handle());
    // A chain that was moved away is not "no chain", which would verify less.
    const Ref<X509Certificate> chain = certificate_of(authority);
    const X509Certificate moved(std::move(*chain));
    ck_assert_int_eq(TLSOptions::client_unsafe(chain)->get_last_error(), ERR_UNCONFIGURED);
    ck_assert_int_eq(TLSOptions::client(chain)->get_last_error(), ERR_UNCONFIGURED);
    ck_assert_int_eq(client.connect_to_stream(nullptr, "game.test"), ERR_INVALID_PARAMETER);
}
END_TEST

START_TEST(options_answer_as_in_godot) {
    const Ref<TLSOptions> server = server_options();
    ck_assert(server->is_server());
    ck_assert(!server->is_unsafe_client());
    ck_assert(server->get_own_certificate().is_valid());
    ck_assert(server->get_private_key().is_valid());
    ck_assert(!server->get_private_key()->is_public_only());
    ck_assert(server->get_trusted_ca_chain().is_null());
    const Ref<TLSOptions> client = TLSOptions::client(certificate_of(authority), "game.test");
    ck_assert(!client->is_server());
    ck_assert(client->get_common_name_override() == "game.test");
    ck_assert(client->get_trusted_ca_chain().is_valid());
    ck_assert(TLSOptions::client_unsafe()->is_unsafe_client());
}
END_TEST

// The stream below lives as long as the TLS stream needs it, and moves do not matter.
START_TEST(a_moved_stream_keeps_its_stream_below) {
    Ends ends;
    StreamPeerTLS client, server;
    const std::weak_ptr<StreamPeerTCP> below = ends.client;
    ck_assert_int_eq(server.accept_stream(ends.server, server_options()), OK);
    ck_assert_int_eq(
        client.connect_to_stream(std::move(ends.client), "game.test", TLSOptions::client_unsafe()),
        OK);
    ck_assert(!below.expired());
    SocketPoller poller;
    StreamPeerTLS moved(std::move(client));
    ck_assert_int_eq(poller.add(moved), OK);
    ck_assert_int_eq(poller.add(server), OK);
    moved.put_u32(7);
    for (uint32_t got = 0; got != 7;) {
        poller.wait(-1);
        SocketEvent event;
        while (poller.next_event(event)) {
            if (event.is_of(server) && server.get_status() == StreamPeerTLS::STATUS_CONNECTED) {
                got = server.try_get_u32().value_or(got);
            }
        }
    }
    moved = StreamPeerTLS();
    ck_assert(below.expired());
}
END_TEST

} // namespace

extern "C" Suite *tls_cpp_suite(void) {
    Suite *suite = suite_create("tls_cpp");
    TCase *all = add_tls_case(suite, "all");
    tcase_add_test(all, a_client_and_a_server_talk);
    tcase_add_test(all, a_wrong_name_has_a_status_and_a_sentence);
    tcase_add_test(all, invalid_options_do_not_connect);
    tcase_add_test(all, options_answer_as_in_godot);
    tcase_add_test(all, a_moved_stream_keeps_its_stream_below);
    return suite;
}
