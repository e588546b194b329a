#include "tests/support/program.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <thread>

namespace softbeam::support {
namespace {

std::FILE* temporary(const std::string& content = "") {
  std::FILE* file = std::tmpfile();
  if (file == nullptr || std::fwrite(content.data(), 1, content.size(), file) != content.size()) {
    throw std::runtime_error("no temporary file");
  }
  std::fflush(file);
  std::rewind(file);
  return file;
}

std::string content_of(std::FILE* file) {
  std::string text;
  char block[4096];
  std::rewind(file);
  while (const std::size_t length = std::fread(block, 1, sizeof block, file)) {
    text.append(block, length);
  }
  return text;
}

// The write end of a pipe that nobody reads.
int closed_pipe() {
  int ends[2];
  if (pipe(ends) != 0) _exit(126);
  close(ends[0]);
  return ends[1];
}

// In the child: only calls that are safe between fork and exec of a single-threaded test.
[[noreturn]] void become(const Launch& launch, int in, int out, int err) {
  for (const int signal : {SIGPIPE, SIGINT, SIGTERM}) ::signal(signal, SIG_DFL);
  dup2(in, STDIN_FILENO);
  dup2(launch.out == Stdout::closed_pipe ? closed_pipe() : out, STDOUT_FILENO);
  dup2(err, STDERR_FILENO);
  if (!launch.folder.empty() && chdir(launch.folder.c_str()) != 0) _exit(126);
  for (const auto& [name, value] : launch.environment) setenv(name.c_str(), value.c_str(), 1);
  std::vector<char*> arguments{const_cast<char*>(launch.program.c_str())};
  for (const std::string& argument : launch.arguments) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  execv(launch.program.c_str(), arguments.data());
  _exit(127);
}

}  // namespace

Process::Process(const Launch& launch)
    : deadline_(std::chrono::steady_clock::now() + launch.timeout),
      in_(temporary(launch.input)),
      out_(temporary()),
      err_(temporary()) {
  pid_ = fork();
  if (pid_ < 0) throw std::runtime_error("no new process");
  if (pid_ == 0) become(launch, fileno(in_.get()), fileno(out_.get()), fileno(err_.get()));
}

Process::~Process() {
  if (!reaped_) {
    send(SIGKILL);
    reap(/*block=*/true);
  }
}

void Process::send(int signal) const {
  if (!reaped_) kill(pid_, signal);
}

bool Process::reap(bool block) {
  rusage usage{};
  if (!reaped_ && wait4(pid_, &status_, block ? 0 : WNOHANG, &usage) == pid_) {
    reaped_ = true;
    peak_bytes_ = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
  }
  return reaped_;
}

bool Process::running() { return !reap(/*block=*/false); }

Finished Process::wait() {
  using namespace std::chrono_literals;
  while (running()) {
    if (std::chrono::steady_clock::now() >= deadline_) {
      timed_out_ = true;
      send(SIGKILL);
      reap(/*block=*/true);
    } else {
      std::this_thread::sleep_for(2ms);
    }
  }
  return {.exit_code = WIFEXITED(status_) ? WEXITSTATUS(status_) : -1,
          .signal = WIFSIGNALED(status_) ? WTERMSIG(status_) : 0,
          .timed_out = timed_out_,
          .peak_bytes = peak_bytes_,
          .out = content_of(out_.get()),
          .err = content_of(err_.get())};
}

Finished run_program(const Launch& launch) { return Process(launch).wait(); }

}  // namespace softbeam::support
