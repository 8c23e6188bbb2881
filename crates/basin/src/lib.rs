//! A river basin as a network: what lies above a section, which source causes what, and how a spill travels.
//!
//! - [`Network::load`] reads nodes, reaches and places, with every error at once.
//! - [`Network::upstream`] and [`Network::downstream`] list reaches and places by river distance.
//! - [`Network::flows`] is the water of a steady state.
//! - [`Network::sources`] shares the load at a section among its sources.
//! - [`Network::spill`] says when a spill arrives, peaks and ends at every place below it.
//!
//! Concentrations are means of the cross-section. Near a release, before the cloud has mixed across the river, the truth
//! lies higher in the plume and lower beside it. Flows are steady; tides, lakes and what floats or sinks are not here.
//!
//! The crate knows no file, socket, clock or chance.

mod flow;
mod load;
mod network;
mod response;
mod series;
mod sources;
mod spill;

pub use flow::{FlowState, Hydraulics};
pub use network::{
    DispersionRule, Network, Node, Place, PlaceKind, Point, Provenance, Reach, Trace, TracedPlace, TracedReach,
};
pub use sources::{Contribution, Load};
pub use spill::{Interception, Passage, Spill, SpillError};

/// The small network of the examples: A and B meet in C; outlets P1 and P2, interception point J1, sections S1 and S2.
#[doc(hidden)]
#[must_use]
pub fn example() -> Network {
    let file = |path: &str, text: &str| norms::NormFile { path: path.to_owned(), text: text.to_owned() };
    let files = [
        file(
            "source.toml",
            "schema = \"basin/1\"\nsimulated = true\nsource = \"made up\"\nconfidence = \"memory\"\nnote_zh = \"示意\"\n\
             note_en = \"schematic\"\n[dispersion]\ncoefficient = 0.011\ngravity_m_s2 = 9.81\nsource = \"Fischer 1979\"\n\
             confidence = \"memory\"\n",
        ),
        file(
            "nodes.csv",
            "node,name_zh,name_en,lon,lat\na,甲,A,118.00,24.80\nb,乙,B,118.06,24.80\nc,丙,C,118.03,24.77\n\
             d,丁,D,118.03,24.70\n",
        ),
        file(
            "reaches.csv",
            "reach,name_zh,name_en,from,to,length_km,inflow_m3_s,share,braid,width_m,depth_m,width_exponent,\
             depth_exponent,slope,dispersion_m2_s\nA,甲溪,Brook A,a,c,5,4,,,20,0.5,,,,12\nB,乙溪,Brook B,b,c,6,2,,,10,0.5,,,,8\n\
             C,丙河,River C,c,d,10,0,,,30,1,,,0.001,\n",
        ),
        file(
            "places.csv",
            "place,name_zh,name_en,kind,reach,km\nP1,排口一,Outlet 1,outlet,A,1\nP2,排口二,Outlet 2,outlet,B,5\n\
             J1,一号闸,Gate 1,interception,C,2\nS1,断面一,Section 1,section,C,6\nS2,断面二,Section 2,section,C,5\n",
        ),
    ];
    #[allow(clippy::expect_used, reason = "the text stands above and a test loads it")]
    Network::load(&files).expect("the example network is sound")
}
