// Which screen is shown. Hash routes: every link works without the network and under any sub-path.
import { Redirect, Route, Router, Switch } from "wouter-preact";
import type { ComponentType } from "preact";
import { useEffect } from "preact/hooks";
import { book, open, opening } from "../app";
import { late } from "../late";
import { Arrival } from "../parts/arrival";
import { Band } from "../parts/band";
import { Newer, Opening } from "../parts/closed";
import { Notices } from "../parts/notices";
import { usePlace } from "../place";
import { practising } from "../practice/standing";
import { Home } from "./home";
import { SyncPage } from "./sync";

const FarmerPage = late(async () => (await import("./farmer")).FarmerPage);
const PlotPage = late(async () => (await import("./plot")).PlotPage);
const RecordPage = late(async () => (await import("./record")).RecordPage);
const Boundary = late(async () => (await import("./boundary")).Boundary);
const Edit = late(async () => (await import("./edit")).Edit);
const Find = late(async () => (await import("./find")).Find);
const New = late(async () => (await import("./new")).New);
const SignIn = late(async () => (await import("./signin")).SignIn);
const Help = late(async () => (await import("./help")).Help);
const Tour = late(async () => (await import("./tour")).Tour);
const MapPage = late(async () => (await import("./map")).MapPage);
const MapsPage = late(async () => (await import("./maps")).MapsPage);
const Enrol = late(async () => (await import("./enrol")).Enrol);

export function App({ begin }: { begin: () => Promise<void> }) {
  if (opening.value === "newer") return <Newer />;
  if (open.value === undefined) return <Opening />;
  if (open.value === null) return <Outside begin={begin} />;
  return (
    <Router hook={usePlace}>
      <Arrival />
      {practising.value && <Band begin={begin} />}
      <Switch>
        <Route path="/" component={Home} />
        <Route path="/find">{() => <Find />}</Route>
        <Route path="/new">{() => <New />}</Route>
        <Route path="/tour">
          <Tour begin={begin} />
        </Route>
        <Route path="/help/:page?">{({ page }) => <Help page={page} begin={begin} key={page} />}</Route>
        {!open.value.book.whole.value && (
          <Route>
            <Opening />
          </Route>
        )}
        <Route path="/farmer/:id">{({ id }) => <Visited id={id} page={FarmerPage} />}</Route>
        <Route path="/plot/:id">{({ id }) => <Visited id={id} page={PlotPage} />}</Route>
        <Route path="/record/:id">{({ id }) => <RecordPage id={id} />}</Route>
        <Route path="/edit/:type/:id">{({ type, id }) => <Edit type={type} id={id} key={id} />}</Route>
        <Route path="/edit/:type/:id/boundary">
          {({ type, id }) => (
            <main class="whole">
              <Boundary type={type} id={id} key={id} />
            </main>
          )}
        </Route>
        <Route path="/map/:plot?">
          {({ plot }) => (
            <main class="whole">
              <MapPage plot={plot} />
            </main>
          )}
        </Route>
        <Route path="/maps">
          <MapsPage />
        </Route>
        <Route path="/enrol/:code">{({ code }) => <Enrol code={code} begin={begin} key={code} />}</Route>
        <Route path="/sync">
          <SyncPage leave={begin} />
        </Route>
        <Route>
          <Redirect to="/" />
        </Route>
      </Switch>
      <Notices begin={begin} />
    </Router>
  );
}

/** Nobody is signed in: what helps a person along is open all the same. */
function Outside({ begin }: { begin: () => Promise<void> }) {
  return (
    <Router hook={usePlace}>
      <Arrival />
      <Switch>
        <Route path="/tour">
          <Tour begin={begin} />
        </Route>
        <Route path="/help/:page?">{({ page }) => <Help page={page} begin={begin} key={page} />}</Route>
        <Route>
          <SignIn done={begin} />
        </Route>
      </Switch>
    </Router>
  );
}

/** The page of a farmer or a plot, which is found again among the last ones. */
function Visited({ id, page: Page }: { id: string; page: ComponentType<{ id: string }> }) {
  useEffect(() => void (book().get(id) && book().visit(id)), [id]);
  return <Page id={id} />;
}
