// SPDX-License-Identifier: MIT
//
// OpenSSL over libuv as its users write it: two memory BIOs. A read callback feeds one, and what
// OpenSSL has put into the other is written after each call.
#include "tls.hpp"

#include <memory>

#include "libuv.hpp"

namespace {

// A connection. Its owner learns of plain bytes, and of the end of the handshake.
class TlsPeer {
  public:
    struct Owner {
        virtual ~Owner() = default;
        virtual void connected(TlsPeer &r_peer) = 0;
        virtual bool readable(TlsPeer &r_peer) = 0; // false: enough
    };

    TlsPeer(const Work &p_work, int p_fd, SSL_CTX *p_context, Owner &r_owner)
        : owner_(r_owner), peer_(uv_default_loop(), p_work.transport, p_fd),
          ssl_(SSL_new(p_context)) {
        SSL_set_bio(ssl_, in_, out_);
        SSL_set_accept_state(ssl_);
        peer_.read_start(this, give_buffer, take_bytes);
    }
    ~TlsPeer() { SSL_free(ssl_); }
    TlsPeer(const TlsPeer &) = delete;
    TlsPeer &operator=(const TlsPeer &) = delete;

    /** Returns how many bytes it has read. 0: none are there now. */
    size_t read(uint8_t *p_bytes, size_t p_most) {
        size_t count = 0;
        return SSL_read_ex(ssl_, p_bytes, p_most, &count) == 1 ? count : 0;
    }

    void write(const uint8_t *p_bytes, size_t p_count) {
        size_t count;
        check(SSL_write_ex(ssl_, p_bytes, p_count, &count) == 1, "SSL_write");
        flush();
    }

  private:
    static void give_buffer(uv_handle_t *, size_t, uv_buf_t *r_buffer) {
        static char buffer[PIECE_BYTES];
        *r_buffer = uv_buf_init(buffer, sizeof buffer);
    }

    static void take_bytes(uv_stream_t *p_stream, ssize_t p_count, const uv_buf_t *p_buffer) {
        check_uv(static_cast<int>(p_count), "read");
        auto *peer = static_cast<TlsPeer *>(p_stream->data);
        BIO_write(peer->in_, p_buffer->base, static_cast<int>(p_count));
        if (!peer->advance()) {
            uv_read_stop(p_stream);
        }
    }

    bool advance() {
        if (!SSL_is_init_finished(ssl_)) {
            const bool is_done = SSL_do_handshake(ssl_) == 1;
            flush();
            if (!is_done) {
                return true;
            }
            owner_.connected(*this);
        }
        return owner_.readable(*this);
    }

    // In place: a memory BIO hands out its bytes.
    void flush() {
        char *bytes = nullptr;
        const long count = BIO_get_mem_data(out_, &bytes);
        if (count > 0) {
            write_all(peer_.stream(), reinterpret_cast<uint8_t *>(bytes),
                      static_cast<size_t>(count));
            check(BIO_reset(out_) == 1, "BIO_reset");
        }
    }

    Owner &owner_;
    Peer peer_;
    BIO *in_ = BIO_new(BIO_s_mem()), *out_ = BIO_new(BIO_s_mem()); // the session's
    SSL *ssl_;
};

// The only connection, and bytes that gather until there are enough of them.
template <size_t BYTES> struct Gatherer : TlsPeer::Owner {
    void run(const Work &p_work) {
        TlsPeer peer(p_work, FIRST_FD, make_server_context(), *this);
        uv_run(uv_default_loop(), UV_RUN_DEFAULT);
    }

    bool readable(TlsPeer &r_peer) override {
        while (const size_t got = r_peer.read(bytes + count, sizeof bytes - count)) {
            count += got;
            if (count == sizeof bytes) {
                count = 0;
                if (!full(r_peer)) {
                    return false;
                }
            }
        }
        return true;
    }

    virtual bool full(TlsPeer &r_peer) = 0;

    uint8_t bytes[BYTES] = {};
    size_t count = 0;
};

struct Pinger : Gatherer<MESSAGE_BYTES> {
    explicit Pinger(const Work &p_work) : samples(p_work) {}

    void connected(TlsPeer &r_peer) override {
        samples.begin();
        r_peer.write(bytes, sizeof bytes);
    }

    bool full(TlsPeer &r_peer) override {
        if (!samples.end()) {
            return false;
        }
        connected(r_peer);
        return true;
    }

    Samples samples;
};

struct PieceReader : Gatherer<PIECE_BYTES> {
    explicit PieceReader(const Work &p_work) : meter(p_work) {}
    void connected(TlsPeer &) override {}
    bool full(TlsPeer &) override { return meter.add(1); }
    Meter meter;
};

struct PieceWriter : TlsPeer::Owner {
    explicit PieceWriter(const Work &p_work) : meter(p_work) {}
    void run(const Work &p_work) {
        TlsPeer peer(p_work, FIRST_FD, make_server_context(), *this);
        while (!is_connected) {
            uv_run(uv_default_loop(), UV_RUN_ONCE);
        }
        static uint8_t piece[PIECE_BYTES];
        do {
            peer.write(piece, sizeof piece);
        } while (meter.add(1));
    }
    void connected(TlsPeer &) override { is_connected = true; }
    bool readable(TlsPeer &) override { return false; }
    Meter meter;
    bool is_connected = false;
};

template <class Owner> void run_row_of(const Work &p_work) {
    const auto owner = std::make_unique<Owner>(p_work);
    owner->run(p_work);
}

struct Greeter : TlsPeer::Owner {
    void connected(TlsPeer &r_peer) override { r_peer.write(message, sizeof message); }
    bool readable(TlsPeer &r_peer) override {
        done += r_peer.read(message, sizeof message) / sizeof message;
        return true;
    }
    uint8_t message[MESSAGE_BYTES] = {};
    size_t done = 0;
};

void idle(const Work &p_work) {
    Greeter greeter;
    SSL_CTX *context = make_server_context();
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS); // empty ones
    std::vector<std::unique_ptr<TlsPeer>> peers;
    for (size_t i = 0; i < p_work.peers; i++) {
        const int fd = FIRST_FD + static_cast<int>(i);
        peers.push_back(std::make_unique<TlsPeer>(p_work, fd, context, greeter));
    }
    while (greeter.done < p_work.peers) {
        uv_run(uv_default_loop(), UV_RUN_ONCE);
    }
    print_memory(p_work);
}

} // namespace

const TlsRows tls_rows = {run_row_of<Pinger>, run_row_of<PieceReader>, run_row_of<PieceWriter>,
                          idle};
