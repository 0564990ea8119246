// msgpack-cxx: lines of what an event holds in, events behind their lengths out.
#include <iostream>
#include <map>
#include <msgpack.hpp>
#include <sstream>
#include <vector>

int main()
{
    for (std::string line; std::getline(std::cin, line);) {
        std::vector<std::string> parts(1);
        for (char c : line) {
            if (c == '\t') {
                parts.emplace_back();
            } else {
                parts.back().push_back(c);
            }
        }
        const std::string &key = parts[3], &form = parts[4], &value = parts[5];
        std::ostringstream out;
        msgpack::packer<std::ostringstream> packer(out);
        packer.pack_map(5);
        packer.pack(std::string("id")).pack(parts[0]);
        packer.pack(std::string("source")).pack(std::string("encoder"));
        packer.pack(std::string("type")).pack(parts[1]);
        packer.pack(std::string("subject")).pack(parts[2]);
        packer.pack(std::string("data")).pack_map(4);
        packer.pack(std::string("customer")).pack("c-" + parts[0]);
        packer.pack(std::string("channel")).pack(std::string("phone"));
        packer.pack(std::string("unit")).pack(std::string("xj/urumqi/d3"));
        packer.pack(key);
        if (form == "nil") {
            packer.pack_nil();
        } else if (form == "number") {
            packer.pack(std::stoll(value));
        } else if (form == "bytes") {
            packer.pack(std::vector<char>(value.begin(), value.end()));
        } else {
            packer.pack(form == "text" ? value : std::string());
        }
        std::string bytes = out.str();
        for (int shift = 24; shift >= 0; shift -= 8) {
            std::cout.put(static_cast<char>(bytes.size() >> shift));
        }
        std::cout << bytes;
    }
}
