// What OpenSSL gives away, freed: std::unique_ptr<BIO, OpensslFree<BIO_free>>.
#pragma once

namespace weather::oauth {

template <auto Free>
struct OpensslFree {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

}  // namespace weather::oauth
